import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { shownActivity } from "./activity.ts";
import type { Groups } from "./groups.ts";
import { page } from "./pages.ts";

/** `DescribeScalingActivities`, newest first; those of deleted groups only when asked for. */
export function activities(groups: Groups): Handler {
  return {
    service: "autoscaling",
    action: "DescribeScalingActivities",
    instead(call) {
      const parameters = parametersOf(call);
      const name = parameters.optional("AutoScalingGroupName");
      const ids = parameters.list("ActivityIds");
      const withDeleted = parameters.flag("IncludeDeletedGroups") ?? false;
      if (name && !withDeleted) groups.get(name);
      const live = groups.all().flatMap((group) => group.activities.map((activity) => ({ activity, deleted: false })));
      const deleted = groups.deletedActivities().map((activity) => ({ activity, deleted: true }));
      const found = [...live, ...(withDeleted ? deleted : [])]
        .filter(({ activity }) => name === undefined || activity.groupName === name)
        .filter(({ activity }) => ids.length === 0 || ids.includes(activity.id))
        .sort((a, b) => b.activity.started.getTime() - a.activity.started.getTime());
      const { items, NextToken } = page(found, parameters, { limit: 100 });
      return { Activities: items.map(({ activity, deleted: gone }) => shownActivity(activity, gone)), NextToken };
    },
  };
}
