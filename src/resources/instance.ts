import {
  DescribeInstanceAttributeCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  paginateDescribeInstances,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { readTags } from "../aws/tags.ts";
import { instanceStateNow } from "../aws/tags-now.ts";
import { orMissing, waitFor, whileRefused } from "../aws/wait.ts";
import type { Live, Resource } from "../engine/resource.ts";
import { Failure, sameCommand } from "../failure.ts";
import { autoScalingGroup } from "./auto-scaling-group.ts";
import { instancesOf } from "./builder.ts";
import { keyPair } from "./key-pair.ts";
import { otherAutoScalingGroup, otherSecurityGroup } from "./others.ts";
import { builderSecurityGroup, instanceSecurityGroup } from "./security-group.ts";

export interface InstanceLive extends Live {
  /** AWS's word: `pending`, `running`, `shutting-down`, … */
  status: string;
  release: string;
  imageId: string;
  availabilityZone: string;
  /** The attributes that refuse its termination; known of a brief look alone, for what a destroy would delete. */
  guards?: readonly Guard[];
}

/** What refuses termination by the API; also stop protection does ("Enable stop protection", EC2 user guide). */
const guards = {
  DisableApiTermination: { attribute: "disableApiTermination", text: "termination protection" },
  DisableApiStop: { attribute: "disableApiStop", text: "stop protection" },
} as const;
type Guard = keyof typeof guards;
const allGuards = Object.keys(guards) as Guard[];

/** The group's machines, which the group makes, and the builders of bakes that died. */
export const instance: Resource<object, InstanceLive> = {
  resource: "instance",
  kind: "instance",
  dependsOn: [instanceSecurityGroup, builderSecurityGroup, otherSecurityGroup, keyPair],
  deletedAfter: [autoScalingGroup, otherAutoScalingGroup],
  takenAlong: true,

  async find(look) {
    const all = await instancesOf(look);
    const there = all.filter(({ State }) => State?.Name !== "terminated").map(read);
    if (!look.brief) return there;
    return await Promise.all(there.map(async (one) => ({ ...one, guards: await readGuards(look.aws, one.id) })));
  },

  async delete({ aws, signal, progress }, live) {
    const terminate = () =>
      orMissing(aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [live.id] })), "InvalidInstanceID.NotFound");
    // What has just been taken off may show a little later.
    const refusals = live.guards?.length ? ["OperationNotPermitted"] : [];
    if (!(await whileRefused(terminate, refusals, { limitSeconds: 60, signal, progress }))) return;
    progress("waiting for it to end");
    const gone = async () => ((await readStatus(aws, live.id)) === "terminated" ? true : undefined);
    if (!(await waitFor(gone, { limitSeconds: 900, signal, progress }))) {
      throw new Failure({
        code: "still-deleting",
        message: `The instance ${live.id} has not ended after 15 minutes.`,
        reason: "AWS is still shutting it down.",
        fix: `Go on with: ${sameCommand}`,
        exitCode: 3,
      });
    }
  },

  async tagsNow(aws, { id }) {
    const now = await instanceStateNow(aws, id);
    return now?.state === "terminated" ? undefined : now?.tags;
  },
  protections: (live) => (live.guards ?? []).map((guard) => guards[guard].text),
  async unprotect({ aws }, live) {
    for (const guard of live.guards ?? [])
      await aws.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: live.id, [guard]: { Value: false } }));
  },
  state: (live) => live.status,
};

async function readGuards({ ec2 }: Aws, InstanceId: string): Promise<Guard[]> {
  const read = async (guard: Guard) => {
    const command = new DescribeInstanceAttributeCommand({ InstanceId, Attribute: guards[guard].attribute });
    const answer = await orMissing(ec2.send(command), "InvalidInstanceID.NotFound");
    return answer?.[guard]?.Value ? [guard] : [];
  };
  return (await Promise.all(allGuards.map(read))).flat();
}

function read(one: Instance): InstanceLive {
  const tags = readTags(one.Tags);
  return {
    id: one.InstanceId ?? "",
    tags,
    status: one.State?.Name ?? "",
    release: tags["multivac:release"] ?? one.ImageId ?? "",
    imageId: one.ImageId ?? "",
    availabilityZone: one.Placement?.AvailabilityZone ?? "",
  };
}

/** One instance's state by filter: right after a terminate, EC2 may not know its id for a moment. */
async function readStatus({ ec2 }: Aws, id: string): Promise<string> {
  const Filters = [{ Name: "instance-id", Values: [id] }];
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters })) {
    const [one] = (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
    if (one) return one.State?.Name ?? "";
  }
  return "terminated";
}
