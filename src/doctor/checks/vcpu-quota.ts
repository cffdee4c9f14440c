import { type Instance, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import type { Aws } from "../../aws/aws.ts";
import { type Quota, quotaFix, quotaName, vcpuQuota } from "../../aws/quotas.ts";
import { sameCommand } from "../../failure.ts";
import { autoScalingGroup } from "../../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../../resources/auto-scaling-group-live.ts";
import { type Check, NotChecked } from "../check.ts";
import { readTypes } from "../reads.ts";
import { instanceType, wantedTypes } from "./instance-type.ts";
import { readQuota, withinQuota } from "./quotas.ts";
import { account } from "./settings.ts";
import { stack } from "./stack.ts";

/** That the account may run the vCPUs that a deploy begins with, and a bake's builder before; a warning where not all that `instances.max` allows. */
export const vcpuQuotaCheck: Check = {
  name: "vcpu-quota",
  needs: [account, stack, instanceType],
  async look(ground) {
    const [aws, { config }, seen, types, wanted] = await Promise.all([
      ground.aws(),
      ground.loaded(),
      ground.seen(),
      readTypes(ground),
      wantedTypes(ground),
    ]);
    const { type, min, max } = config.instances;
    const quota = vcpuQuota(type);
    if (!quota) throw new NotChecked(`which quota ${type} counts for is not known`);
    const vcpusOf = (name: string) => types.get(name)?.VCpuInfo?.DefaultVCpus ?? 0;
    const [value, used] = await Promise.all([readQuota(aws, quota), vcpusInUse(aws, quota)]);
    const [group] = (seen.get(autoScalingGroup)?.owned ?? []) as AutoScalingGroupLive[];
    const present = group?.instances.length ?? 0;
    // A roll launches before it ends what it replaces.
    const starting = Math.max(min - present, present > 0 ? 1 : 0) * vcpusOf(type);
    const builder = wanted.builder?.type ?? "";
    const baking = vcpuQuota(builder)?.code === quota.code ? vcpusOf(builder) : 0;
    const detail = withinQuota(quota, { value, used, needed: Math.max(starting, baking) });
    const growing = Math.max(max - present, 0) * vcpusOf(type);
    if (used + growing <= value) return detail;
    return {
      state: "warning",
      detail: `${detail}; instances.max would need ${growing} more, and ${quotaName(quota)} does not allow that`,
      fix: quotaFix(quota).replace(`, then run again: ${sameCommand}`, "."),
    };
  },
};

/** vCPUs of the account's running On-Demand instances that count for a quota. */
async function vcpusInUse({ ec2 }: Aws, quota: Quota): Promise<number> {
  const Filters = [{ Name: "instance-state-name", Values: ["pending", "running"] }];
  let used = 0;
  for await (const { Reservations = [] } of paginateDescribeInstances({ client: ec2, pageSize: 1000 }, { Filters })) {
    for (const instance of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      if (isOnDemand(instance) && vcpuQuota(instance.InstanceType ?? "")?.code === quota.code) used += vcpus(instance);
    }
  }
  return used;
}

/** Spot instances, capacity blocks and dedicated hosts have quotas of their own. */
function isOnDemand({ InstanceLifecycle, Placement }: Instance): boolean {
  return !InstanceLifecycle && Placement?.Tenancy !== "host";
}

function vcpus({ InstanceId, CpuOptions }: Instance): number {
  const { CoreCount, ThreadsPerCore } = CpuOptions ?? {};
  if (CoreCount && ThreadsPerCore) return CoreCount * ThreadsPerCore;
  throw new NotChecked(`EC2 does not tell the vCPUs of ${InstanceId}`);
}
