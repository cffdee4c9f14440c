import type { Config } from "../config/schema.ts";
import type { Seen } from "../engine/look.ts";
import type { Inputs } from "../inputs.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";

/**
 * The checks of `doctor` that a deploy needs by what it has seen of the stack: of the network where something is to stand
 * in other subnets than now, of what instances are launched with where that is new. None where nothing of it changes.
 */
export function checksOfPlace(seen: Seen, { network, instances }: Config): string[] {
  const { balancer, group, template } = standing(seen);
  const wanted = [...network.subnetIds].sort().join();
  const moves = [balancer, group].some((one) => one?.subnetIds.join() !== wanted);
  const othersType = template?.instanceType !== instances.type;
  const othersKey = instances.keyName !== null && template?.keyName !== instances.keyName;
  return [
    ...(moves ? ["subnets", "zones", "internet", "addresses"] : []),
    ...(moves || othersType ? ["offered"] : []),
    ...(othersKey ? ["key-pair"] : []),
  ];
}

/**
 * Those that it needs by the image besides. A bake takes minutes, so that what would fail after it is worth some requests;
 * without one AWS itself says so within seconds, and first deploys stay quick.
 */
export function checksOfImage(image: Inputs["image"], seen: Seen, { instances }: Config): string[] {
  const bakes = !("named" in image) && !image.baked;
  const { balancer, group, template } = standing(seen);
  // What a stack has already it need not get, and to count it would be to list all that the account has.
  const quotas = balancer && group && template ? ["vcpu-quota"] : allQuotas;
  const othersProfile = instances.instanceProfile !== null && template?.instanceProfile !== instances.instanceProfile;
  return [
    ...(bakes ? ["packer", "ansible", "ssh", "public-address", "instance-type"] : []),
    ...(othersProfile ? ["instance-profile"] : []),
    ...(bakes ? [...quotas, "permissions-to-create"] : []),
  ];
}

const allQuotas = [
  "vcpu-quota",
  "load-balancer-quota",
  "target-group-quota",
  "security-group-quota",
  "rule-quota",
  "auto-scaling-group-quota",
];

function standing(seen: Seen) {
  const one = <L>(resource: object) => seen.get(resource as typeof loadBalancer)?.owned[0] as L | undefined;
  return {
    balancer: one<LoadBalancerLive>(loadBalancer),
    group: one<AutoScalingGroupLive>(autoScalingGroup),
    template: one<LaunchTemplateLive>(launchTemplate),
  };
}
