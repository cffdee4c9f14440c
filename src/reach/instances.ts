import { type Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { Failure } from "../failure.ts";
import { type Stack, stackKey } from "../stack.ts";

/** An instance of the stack, as far as reaching it goes. */
export interface StackInstance {
  id: string;
  /** AWS's word: `pending`, `running`, …, `terminated`. */
  state: string;
  release: string;
  availabilityZone: string;
  imageId: string;
  publicAddress: string | undefined;
  privateAddress: string | undefined;
  keyName: string | undefined;
  /** The ARN of its instance profile. */
  profile: string | undefined;
  securityGroupIds: readonly string[];
}

/** The stack's instances, oldest first; those that have ended too, which EC2 lists for about an hour. */
export async function readInstances({ ec2: client }: Aws, stack: Stack): Promise<StackInstance[]> {
  const Filters = [...stackFilters(stack), { Name: "tag:multivac:resource", Values: ["instance"] }];
  const found: Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters }))
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  const launched = ({ LaunchTime }: Instance) => LaunchTime?.getTime() ?? 0;
  return found.sort((a, b) => launched(a) - launched(b)).map(read);
}

function read(one: Instance): StackInstance {
  return {
    id: one.InstanceId ?? "",
    state: one.State?.Name ?? "",
    release: readTags(one.Tags)["multivac:release"] ?? one.ImageId ?? "",
    availabilityZone: one.Placement?.AvailabilityZone ?? "",
    imageId: one.ImageId ?? "",
    publicAddress: one.PublicIpAddress || undefined,
    privateAddress: one.PrivateIpAddress || undefined,
    keyName: one.KeyName || undefined,
    profile: one.IamInstanceProfile?.Arn || undefined,
    securityGroupIds: (one.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
  };
}

/** Whether it runs, or is about to. */
export function isUp({ state }: Pick<StackInstance, "state">): boolean {
  return state === "running" || state === "pending";
}

/** The one whose id is `wanted` or begins so; a `Failure` that lists those there are, where there is none or more than one. */
export function theInstance(
  instances: readonly StackInstance[],
  wanted: string,
  { stack, status }: { stack: Stack; status: string },
): StackInstance {
  const same = instances.filter(({ id }) => id === wanted);
  const found = same.length ? same : wanted === "" ? [] : instances.filter(({ id }) => id.startsWith(wanted));
  if (found.length === 1) return found[0] as StackInstance;
  const what = found.length ? "more than one instance that begins" : "no instance";
  throw new Failure({
    code: "instance-not-found",
    message: `${stackKey(stack)} has ${what} ${wanted}.`,
    reason: instances.length
      ? `Those there are: ${instances.map(({ id, state }) => `${id} (${state})`).join(", ")}.`
      : undefined,
    fix: `Name one of those; they are listed by: ${status}`,
  });
}
