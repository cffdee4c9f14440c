import { throwAny } from "../failure.ts";
import type { Report } from "../progress.ts";
import type { Check, Ground } from "./check.ts";
import { instanceType, offered } from "./checks/instance-type.ts";
import { internet } from "./checks/internet.ts";
import { keyPair } from "./checks/key-pair.ts";
import { instanceProfile } from "./checks/launch.ts";
import { addresses, subnets, zones } from "./checks/network.ts";
import { permissionsToCreate } from "./checks/permissions.ts";
import { publicAddressKnown } from "./checks/public-address.ts";
import {
  autoScalingGroupQuota,
  loadBalancerQuota,
  ruleQuota,
  securityGroupQuota,
  targetGroupQuota,
} from "./checks/quotas.ts";
import { ansible, packer, ssh } from "./checks/tools.ts";
import { vcpuQuotaCheck } from "./checks/vcpu-quota.ts";
import { label, runChecks } from "./run.ts";

/** What a deploy may need. What else `doctor` checks, a deploy meets in its own look before it changes anything. */
const checks: readonly Check[] = [
  packer,
  ansible,
  ssh,
  subnets,
  zones,
  internet,
  addresses,
  instanceType,
  offered,
  publicAddressKnown,
  keyPair,
  instanceProfile,
  vcpuQuotaCheck,
  loadBalancerQuota,
  targetGroupQuota,
  securityGroupQuota,
  ruleQuota,
  autoScalingGroupQuota,
  permissionsToCreate,
];

/** Makes the checks of these names; throws what is wrong, and reports what is to be looked at or could not be checked. */
export async function beforeDeploy(names: readonly string[], ground: Ground, report: Report): Promise<void> {
  const results = await runChecks(
    checks.filter(({ name }) => names.includes(name)),
    ground,
  );
  for (const { name, state, detail } of results) {
    if (state === "warning") report({ type: "warning", text: `${label(name)}: ${detail}` });
    if (state === "unknown") report({ type: "detail", text: `${label(name)}: ${detail}` });
  }
  throwAny(results.flatMap(({ failures }) => failures));
}
