import { sameCommand } from "../failure.ts";
import { aboutCredentials } from "./origin.ts";
import { overQuota } from "./quotas.ts";
import { notAllowed } from "./refusal.ts";

/** An error in AWS's own words, whoever heard it: this process, Packer, or a group that launches. */
export interface Said {
  /** The error's code: `VcpuLimitExceeded`. */
  name: string;
  message: string;
  /** `ec2:RunInstances`, where it is known. */
  action?: string | undefined;
  /** How to get new credentials, where that is known. */
  logIn?: string | undefined;
  /** Whether it was Packer that AWS said it to. */
  toPacker?: boolean;
}

interface Cause {
  code: string;
  message: string;
  /** In place of name and message as AWS said them. */
  reason?: string;
  fix: string;
}

/** What an error of AWS means for a person; undefined where AWS's own words have to do. */
export function causeOf(said: Said): Cause | undefined {
  const { name, message, action, logIn, toPacker } = said;
  const doing = action ?? "this";
  if (isRefusal(said)) {
    const { reason, ...told } = notAllowed(message, action, toPacker);
    return { code: "not-allowed", reason: `${name}: ${reason}`, ...told };
  }
  if (aboutCredentials.test(name)) return credentials(name, message, logIn);
  if (throttles.test(name)) {
    return {
      code: "throttled",
      message: `AWS throttled ${doing} and went on doing so.`,
      fix: `Set AWS_MAX_ATTEMPTS to more attempts, or wait a minute. Then run again: ${sameCommand}`,
    };
  }
  const quota = overQuota(name, action);
  if (quota) {
    const which = quota.quota ? `The quota ${quota.quota}` : "A quota of the account";
    return { code: "quota-reached", message: `${which} does not allow ${doing}.`, fix: quota.fix };
  }
  return others.find(({ names }) => names.test(name))?.cause(doing);
}

function isRefusal({ name, message }: Said): boolean {
  const names = /^(Client\.)?(UnauthorizedOperation|AccessDenied|AccessDeniedException|AuthorizationError)$/;
  return names.test(name) || /is not authorized to perform: /.test(message);
}

const throttles =
  /^(RequestLimitExceeded|Throttling|ThrottlingException|TooManyRequests(Exception)?|Throttled(Exception)?|RequestThrottled(Exception)?|SlowDown|EC2ThrottledException)$/;

/** Codes: EC2 API reference, "Error codes"; the Query services' "Common errors"; the SDK's own. */
function credentials(name: string, message: string, logIn: string | undefined): Cause {
  const again = `Then run again: ${sameCommand}`;
  const clock = "Should they be new, this machine's clock may be wrong.";
  if (/Provider/.test(name)) {
    const ended = /expired|refresh|re-?authenticate|sso login|aws login|session/i.test(message);
    if (ended) {
      const fix = `${logIn ?? "Log in again."}\n${again}`;
      return { code: "credentials-expired", message: "You are not logged in, or not any more.", fix };
    }
    return {
      code: "no-credentials",
      message: "No AWS credentials were found.",
      fix: logIn ?? "Set AWS_PROFILE or --profile, log in (aws sso login), or try without an account: --sandbox.",
    };
  }
  if (/Expired|TokenRefresh/.test(name)) {
    const fix = `${logIn ?? "Get new ones."}\n${clock}\n${again}`;
    return { code: "credentials-expired", message: "The AWS credentials have expired.", fix };
  }
  return {
    code: "credentials-invalid",
    message: "AWS does not accept these credentials.",
    fix: `${logIn ?? "Get new ones."} \`aws sts get-caller-identity\` must work with the same settings; in a region that the account has not enabled it never does. ${clock}\n${again}`,
  };
}

const others: readonly { names: RegExp; cause(doing: string): Cause }[] = [
  {
    names: /^Insufficient(Instance|Host|Reserved)?Capacity$/,
    cause: () => ({
      code: "no-capacity",
      message: "AWS has no capacity for this instance type in these zones now.",
      fix: `Wait for capacity, or set another instances.type or other network.subnetIds. Then run again: ${sameCommand}`,
    }),
  },
  {
    names: /^(OptInRequired|PendingVerification|Blocked|SubscriptionRequiredException)$/,
    cause: (doing) => ({
      code: "opt-in-required",
      message: `The account may not use ${doing} in this region, or not yet.`,
      fix: `Do in the AWS console what is named: enable the region, finish the sign-up, or ask AWS Support. Then run again: ${sameCommand}`,
    }),
  },
  ...(
    [
      [/^InvalidVpcID\.(NotFound|Malformed)$/, "network.vpcId", "a VPC"],
      [
        /^(InvalidSubnetID\.(NotFound|Malformed)|SubnetNotFound(Exception)?|InvalidSubnet(Exception)?)$/,
        "network.subnetIds",
        "public subnets of that VPC, in different zones,",
      ],
      [/^InvalidKeyPair\.NotFound$/, "instances.keyName", "a key pair, or null,"],
      [/^InvalidIamInstanceProfile/, "instances.instanceProfile", "an instance profile, or null,"],
    ] as const
  ).map(([names, key, what]) => ({
    names,
    cause: (doing: string) => ({
      code: "aws-refused",
      message: `AWS refused ${doing}.`,
      fix: `Set ${key} to ${what} that is in this account and region, then run again: ${sameCommand}`,
    }),
  })),
];
