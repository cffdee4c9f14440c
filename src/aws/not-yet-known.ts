import { whileRefused } from "./wait.ts";

/** Errors that a create meets while a dependency that was just made is not known everywhere (EC2 is eventually consistent). */
const codes = [
  "InvalidGroup.NotFound",
  "InvalidSecurityGroupID.NotFound",
  "InvalidSubnetID.NotFound",
  "InvalidVpcID.NotFound",
  "InvalidAMIID.NotFound",
  "InvalidSnapshot.NotFound",
  "InvalidLaunchTemplateId.NotFound",
  "InvalidLaunchTemplateName.NotFoundException",
  "TargetGroupNotFound",
  "TargetGroupNotFoundException",
  "ResourceContention",
  "ResourceContentionFault",
  "ServiceLinkedRoleFailure",
] as const;

/** Sends a call that names things made moments ago, again for up to 5 minutes while AWS does not know them yet. */
export function onceKnown<T>(send: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return whileRefused(send, codes, { limitSeconds: 300, signal });
}
