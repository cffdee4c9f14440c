import type { Check } from "../check.ts";
import type { DoctorGround } from "../ground.ts";
import { image } from "./image.ts";
import { instanceType, offered } from "./instance-type.ts";
import { internet } from "./internet.ts";
import { keyPair } from "./key-pair.ts";
import { instanceProfile } from "./launch.ts";
import { addresses, subnets, vpc, zones } from "./network.ts";
import { packerPlugins } from "./packer-plugins.ts";
import { permissions } from "./permissions.ts";
import { publicAddressKnown } from "./public-address.ts";
import { autoScalingGroupQuota, loadBalancerQuota, ruleQuota, securityGroupQuota, targetGroupQuota } from "./quotas.ts";
import { sandboxHost } from "./sandbox-host.ts";
import { account, clock, config, credentials, region } from "./settings.ts";
import { stack } from "./stack.ts";
import { ansible, node, packer, ssh } from "./tools.ts";
import { vcpuQuotaCheck } from "./vcpu-quota.ts";

/** All that `doctor` checks, each after what it needs. */
export function allChecks({ sandbox }: { sandbox: boolean }): readonly Check<DoctorGround>[] {
  return [
    node,
    packer,
    packerPlugins,
    ansible,
    ssh,
    ...(sandbox ? [sandboxHost] : []),
    config,
    region,
    credentials,
    account,
    clock,
    stack,
    vpc,
    subnets,
    zones,
    internet,
    addresses,
    instanceType,
    offered,
    image,
    publicAddressKnown,
    keyPair,
    instanceProfile,
    vcpuQuotaCheck,
    loadBalancerQuota,
    targetGroupQuota,
    securityGroupQuota,
    ruleQuota,
    autoScalingGroupQuota,
    permissions,
  ];
}
