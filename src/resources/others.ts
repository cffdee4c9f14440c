import { type LaunchTemplate, paginateDescribeLaunchTemplates } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { taggedBeside } from "../aws/tag-index.ts";
import { taggedAutoScalingGroups, taggedLoadBalancers, taggedTargetGroups } from "../aws/tagged.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { type Deletable, deletionOf, type Live, type Look, type Part } from "../engine/resource.ts";
import type { Stack } from "../stack.ts";
import { autoScalingGroup } from "./auto-scaling-group.ts";
import { readAutoScalingGroups } from "./auto-scaling-group-live.ts";
import { image } from "./image.ts";
import { launchTemplate } from "./launch-template.ts";
import { listener } from "./listener.ts";
import { loadBalancer, readBalancers } from "./load-balancer.ts";
import {
  builderSecurityGroup,
  instanceSecurityGroup,
  isBuilders,
  loadBalancerSecurityGroup,
  taggedGroups,
} from "./security-group.ts";
import { readTargetGroups, targetGroup } from "./target-group.ts";

/*
 * Whatever carries the stack's tags and is none of its parts by name: a second of a part, or one that somebody has
 * tagged. Found and deleted like the part itself.
 */

export const otherSecurityGroup = other(builderSecurityGroup, {
  find: async (look) => (await taggedGroups(look)).filter((group) => !isBuilders(group)),
});

/** But for the stack's lock, which this very run may hold. */
export const otherLaunchTemplate = other<Live>(launchTemplate, {
  dependsOn: [image, instanceSecurityGroup, otherSecurityGroup],
  async find(look) {
    const others = await taggedBeside(look, "launch-template", await look.at(launchTemplate));
    if (others.length === 0) return [];
    const tagged = await readTemplates(look.aws, look.stack);
    return tagged.filter(({ id, tags }) => others.includes(id) && tags["multivac:resource"] !== "lock");
  },
});

export const otherTargetGroup = other(targetGroup, {
  deletedAfter: [listener, loadBalancer],
  find: unnamed(targetGroup, taggedTargetGroups, readTargetGroups),
});

export const otherLoadBalancer = other(loadBalancer, {
  dependsOn: [loadBalancerSecurityGroup, otherSecurityGroup, targetGroup, otherTargetGroup],
  find: unnamed(loadBalancer, taggedLoadBalancers, readBalancers),
});

export const otherAutoScalingGroup = other(autoScalingGroup, {
  dependsOn: [launchTemplate, otherLaunchTemplate, targetGroup, otherTargetGroup],
  find: unnamed(autoScalingGroup, taggedAutoScalingGroups, (aws, name) => readAutoScalingGroups(aws, [name])),
});

type How<L extends Live> = Pick<Deletable<L>, "find" | "deletedAfter"> & Partial<Pick<Deletable<L>, "dependsOn">>;

function other<L extends Live>(part: Deletable<L>, { dependsOn = [], ...how }: How<L>): Deletable<L> {
  return { ...deletionOf(part), resource: `other-${part.kind}`, kind: part.kind, dependsOn, ...how };
}

/** What is tagged and was not found by name, read one by one. */
function unnamed<L extends Live>(
  part: Part<L>,
  tagged: (aws: Aws, stack: Stack, known: readonly string[]) => Promise<string[]>,
  read: (aws: Aws, id: string) => Promise<L[]>,
) {
  return async ({ aws, stack, at }: Look): Promise<L[]> => {
    const known = (await at(part)).map(({ id }) => id);
    const others = await tagged(aws, stack, known);
    return (await Promise.all(others.map((id) => read(aws, id)))).flat();
  };
}

async function readTemplates({ ec2: client }: Aws, stack: Stack): Promise<(Live & { name: string })[]> {
  const found: LaunchTemplate[] = [];
  for await (const page of paginateDescribeLaunchTemplates({ client }, { Filters: stackFilters(stack) }))
    found.push(...(page.LaunchTemplates ?? []));
  return found.map(({ LaunchTemplateId: id = "", LaunchTemplateName: name = "", Tags }) => ({
    id,
    name,
    tags: readTags(Tags),
  }));
}
