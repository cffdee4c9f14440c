import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import { readTemplateVersion } from "../ec2/launch-template-data.ts";
import type { Handler } from "../handler.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import type { Group } from "./group.ts";
import type { Groups } from "./groups.ts";
import type { Loop } from "./loop.ts";
import { page } from "./pages.ts";
import {
  activeRefresh,
  endRefresh,
  type InstanceRefresh,
  outdated,
  type RefreshPreferences,
  shownRefresh,
  stall,
} from "./refresh.ts";
import { beginRollback } from "./rollback.ts";
import { readLaunchTemplate, refuse, type ValidationParts } from "./validation.ts";

interface RefreshCallParts extends ValidationParts {
  groups: Groups;
  loop: Loop;
}

const service = "autoscaling";

/** The instance refresh API. */
export function refreshCalls(parts: RefreshCallParts): Handler[] {
  const { groups, loop } = parts;

  function underWay(group: Group): InstanceRefresh {
    const refresh = activeRefresh(group);
    if (refresh && refresh.status !== "Cancelling") return refresh;
    throw new AwsError(
      "ActiveInstanceRefreshNotFound",
      `No in progress or pending Instance Refresh found for Auto Scaling group ${group.name}`,
    );
  }

  return [
    {
      service,
      action: "StartInstanceRefresh",
      async instead(call) {
        const parameters = parametersOf(call);
        const group = groups.changeable(parameters.text("AutoScalingGroupName"));
        const refresh = await newRefresh(parts, group, parameters);
        if (activeRefresh(group)) {
          throw new AwsError(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
          );
        }
        stall(refresh, call.fate);
        group.refreshes.unshift(refresh);
        group.retryAt = 0;
        loop.kick(group);
        return { InstanceRefreshId: refresh.id };
      },
    },
    {
      service,
      action: "CancelInstanceRefresh",
      instead(call) {
        const group = groups.get(parametersOf(call).text("AutoScalingGroupName"));
        const refresh = underWay(group);
        if (refresh.status === "Pending") endRefresh(refresh, "Cancelled", "Cancelled due to user request.");
        else refresh.status = "Cancelling";
        loop.kick(group);
        return { InstanceRefreshId: refresh.id };
      },
    },
    {
      service,
      action: "RollbackInstanceRefresh",
      instead(call) {
        const group = groups.changeable(parametersOf(call).text("AutoScalingGroupName"));
        const refresh = underWay(group);
        checkReversible(group, refresh);
        beginRollback(group, refresh, "Rolled back due to user request.");
        stall(refresh, call.fate);
        loop.kick(group);
        return { InstanceRefreshId: refresh.id };
      },
    },
    {
      service,
      action: "DescribeInstanceRefreshes",
      instead(call) {
        const parameters = parametersOf(call);
        const group = groups.get(parameters.text("AutoScalingGroupName"));
        const ids = parameters.list("InstanceRefreshIds");
        const found = group.refreshes.filter(({ id }) => ids.length === 0 || ids.includes(id));
        const { items, NextToken } = page(found, parameters);
        return { InstanceRefreshes: items.map((refresh) => shownRefresh(group, refresh)), NextToken };
      },
    },
  ];
}

function checkReversible(group: Group, refresh: InstanceRefresh): void {
  const irreversible = (why: string) => {
    throw new AwsError("IrreversibleInstanceRefresh", `The instance refresh cannot be rolled back: ${why}`);
  };
  if (!refresh.desired) irreversible("it has no desired configuration.");
  if (group.launchTemplate.version.startsWith("$")) {
    irreversible(`the group's launch template version is ${group.launchTemplate.version}.`);
  }
  if (refresh.status === "RollbackInProgress") irreversible("it is being rolled back already.");
}

async function newRefresh(parts: RefreshCallParts, group: Group, parameters: Parameters): Promise<InstanceRefresh> {
  const strategy = parameters.optional("Strategy") ?? "Rolling";
  if (strategy !== "Rolling") refuse(`The sandbox has the strategy Rolling only, not ${strategy}.`);
  const template = parameters.group("DesiredConfiguration")?.group("LaunchTemplate");
  const desired = template ? await readLaunchTemplate(parts, template) : undefined;
  const wanted = desired ?? group.launchTemplate;
  const version = await readTemplateVersion(parts.ec2, wanted, parts.isDeletedVersion);
  const preferences = readPreferences(group, parameters.group("Preferences"), desired !== undefined);
  const refresh: InstanceRefresh = {
    id: randomUUID(),
    status: "Pending",
    started: new Date(),
    preferences,
    desired,
    target: { id: version.id, name: version.name, version: String(version.version) },
    stale: new Set(preferences.skipMatching ? [] : group.members.keys()),
    total: 0,
    percentage: 0,
    waitingSince: Date.now(),
    ready: 0,
  };
  refresh.total = outdated(group, refresh).length;
  return refresh;
}

function readPreferences(group: Group, preferences: Parameters | undefined, hasDesired: boolean): RefreshPreferences {
  const number = (name: string) => preferences?.number(name);
  const min = number("MinHealthyPercentage") ?? group.maintenancePolicy?.min ?? 90;
  const max = number("MaxHealthyPercentage") ?? group.maintenancePolicy?.max ?? 100;
  if (number("MaxHealthyPercentage") !== undefined && number("MinHealthyPercentage") === undefined) {
    refuse("MinHealthyPercentage must be specified when MaxHealthyPercentage is specified.");
  }
  if (min < 0 || min > 100 || max < 100 || max > 200 || max - min > 100) {
    refuse("MaxHealthyPercentage must be between 100 and 200 and at most 100 above MinHealthyPercentage.");
  }
  const autoRollback = preferences?.flag("AutoRollback") ?? false;
  if (autoRollback && !hasDesired) refuse("AutoRollback requires a DesiredConfiguration.");
  if (autoRollback && group.launchTemplate.version.startsWith("$")) {
    refuse("AutoRollback is not possible while the group's launch template version is $Latest or $Default.");
  }
  return {
    minHealthyPercentage: min,
    maxHealthyPercentage: max,
    instanceWarmup: number("InstanceWarmup") ?? group.defaultInstanceWarmup ?? group.gracePeriodSeconds,
    skipMatching: preferences?.flag("SkipMatching") ?? false,
    autoRollback,
    scaleInProtectedInstances: oneOf(preferences?.optional("ScaleInProtectedInstances"), ["Wait", "Refresh", "Ignore"]),
    standbyInstances: oneOf(preferences?.optional("StandbyInstances"), ["Wait", "Terminate", "Ignore"]),
    bakeTime: number("BakeTime") ?? 0,
  };
}

/** The given word, or the first of those there are. */
function oneOf<const Word extends string>(given: string | undefined, words: readonly [Word, ...Word[]]): Word {
  if (given === undefined) return words[0];
  return words.find((word) => word === given) ?? refuse(`Value '${given}' must be one of ${words.join(", ")}`);
}
