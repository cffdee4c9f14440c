import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Element } from "../xml.ts";
import type { GroupTag } from "./group.ts";
import type { Groups } from "./groups.ts";
import { page } from "./pages.ts";
import { readTag, tagsIn } from "./validation.ts";

const service = "autoscaling";

/** `CreateOrUpdateTags`, `DeleteTags` and `DescribeTags`. */
export function tags(groups: Groups): Handler[] {
  return [
    {
      service,
      action: "CreateOrUpdateTags",
      instead(call) {
        for (const tag of tagsIn(parametersOf(call))) {
          const read = readTag(tag);
          groups.changeable(tag.text("ResourceId")).tags.set(read.key, read);
        }
        return undefined;
      },
    },
    {
      service,
      action: "DeleteTags",
      instead(call) {
        for (const tag of parametersOf(call).groups("Tags")) {
          groups.get(tag.text("ResourceId")).tags.delete(tag.text("Key"));
        }
        return undefined;
      },
    },
    {
      service,
      action: "DescribeTags",
      instead(call) {
        const parameters = parametersOf(call);
        const filters = parameters.groups("Filters").map((filter) => ({
          name: filter.text("Name"),
          values: filter.list("Values"),
        }));
        const all = groups.all().flatMap(({ name, tags }) => [...tags.values()].map((tag) => shownTag(name, tag)));
        const found = all.filter((tag) =>
          filters.every(({ name, values }) => values.includes(String(tag[filtered[name] ?? ""]))),
        );
        const { items, NextToken } = page(found, parameters);
        return { Tags: items, NextToken };
      },
    },
  ];
}

const filtered: Record<string, string> = {
  "auto-scaling-group": "ResourceId",
  key: "Key",
  value: "Value",
  "propagate-at-launch": "PropagateAtLaunch",
};

export function shownTag(groupName: string, { key, value, propagateAtLaunch }: GroupTag): Element {
  return {
    ResourceId: groupName,
    ResourceType: "auto-scaling-group",
    Key: key,
    Value: value,
    PropagateAtLaunch: propagateAtLaunch,
  };
}
