import { type Instance, paginateDescribeInstances, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { orMissing, waitFor } from "../aws/wait.ts";
import type { Live, Resource } from "../engine/resource.ts";
import { Failure } from "../failure.ts";
import type { Stack } from "../stack.ts";
import { autoScalingGroup } from "./auto-scaling-group.ts";
import { keyPair } from "./key-pair.ts";
import { builderSecurityGroup, instanceSecurityGroup } from "./security-group.ts";

export interface InstanceLive extends Live {
  /** AWS's word: `pending`, `running`, `shutting-down`, … */
  status: string;
  release: string;
  imageId: string;
  availabilityZone: string;
}

/** The group's machines, which the group makes, and the builders of bakes that died. */
export const instance: Resource<object, InstanceLive> = {
  resource: "instance",
  kind: "instance",
  dependsOn: [instanceSecurityGroup, builderSecurityGroup, keyPair],
  deletedAfter: [autoScalingGroup],

  find: ({ aws, stack }) => readInstances(aws, stack),

  async delete({ aws, signal, progress }, live) {
    const there = await orMissing(
      aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [live.id] })),
      "InvalidInstanceID.NotFound",
    );
    if (!there) return;
    progress("waiting for it to end");
    const gone = async () => ((await readStatus(aws, live.id)) === "terminated" ? true : undefined);
    if (!(await waitFor(gone, { limitSeconds: 900, signal, progress }))) {
      throw new Failure({
        code: "still-deleting",
        message: `The instance ${live.id} has not ended after 15 minutes.`,
        fix: "Run the same command again to go on.",
        exitCode: 3,
      });
    }
  },

  state: (live) => live.status,
};

/** Every instance of the stack that has not ended. */
async function readInstances({ ec2 }: Aws, stack: Stack): Promise<InstanceLive[]> {
  const states = ["pending", "running", "shutting-down", "stopping", "stopped"];
  const Filters = [...stackFilters(stack), { Name: "instance-state-name", Values: states }];
  const found: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client: ec2 }, { Filters })) {
    found.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances));
  }
  return found.map((one) => {
    const tags = readTags(one.Tags);
    return {
      id: one.InstanceId ?? "",
      tags,
      status: one.State?.Name ?? "",
      release: tags["multivac:release"] ?? one.ImageId ?? "",
      imageId: one.ImageId ?? "",
      availabilityZone: one.Placement?.AvailabilityZone ?? "",
    };
  });
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
