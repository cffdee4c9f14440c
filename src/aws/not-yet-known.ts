import { type WaitOptions, whileRefused } from "./wait.ts";

/**
 * Errors of a call that names what was made moments ago and is not known everywhere yet, and for how many seconds they
 * may pass. VPC and subnets are not among them: those are the user's, and a wrong id shall be told at once.
 */
const passing: readonly { names: RegExp; says?: RegExp; seconds: number }[] = [
  {
    names:
      /^(InvalidGroup\.NotFound|InvalidSecurityGroupID\.NotFound|InvalidAMIID\.NotFound|InvalidSnapshot\.NotFound|InvalidLaunchTemplateId\.(Version)?NotFound|InvalidLaunchTemplateName\.NotFoundException)$/,
    seconds: 300,
  },
  // Elastic Load Balancing, of a security group of EC2's or of something of its own.
  { names: /^(InvalidSecurityGroup|(LoadBalancer|TargetGroup|Listener)NotFound)(Exception)?$/, seconds: 300 },
  {
    names: /^ValidationError$/,
    says: /(launch template|security group|image id)\b.*does not exist|Could not find the specified version|Target Groups may not be valid/is,
    seconds: 300,
  },
  // IAM is the slowest of all to spread what was made, and the profile may be as new as the stack.
  { names: /^ValidationError$/, says: /Invalid IAM Instance Profile/i, seconds: 120 },
  { names: /^(ResourceContention(Fault|Exception)?|ServiceLinkedRoleFailure)$/, seconds: 300 },
];

/** Sends a call that names things made moments ago, again for up to 5 minutes while AWS does not know them yet. */
export function onceKnown<T>(
  send: () => Promise<T>,
  { signal, progress }: Pick<WaitOptions, "signal" | "progress">,
): Promise<T> {
  const begin = performance.now();
  const isNotYetKnown = ({ name, message }: Error) => {
    const seconds = passing.find(({ names, says }) => names.test(name) && (says?.test(message) ?? true))?.seconds;
    return seconds !== undefined && performance.now() - begin < seconds * 1000;
  };
  const waiting = ({ message }: Error) => progress?.(`waiting until AWS knows what it needs: ${message}`);
  return whileRefused(send, isNotYetKnown, { limitSeconds: 300, signal, progress, waiting });
}
