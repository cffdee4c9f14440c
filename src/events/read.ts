import type { Activity } from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { readInstanceRefreshes } from "../aws/instance-refresh.ts";
import { readActivities } from "../aws/scaling-activities.ts";
import { readTags } from "../aws/tags.ts";
import type { StackEvent } from "../documents.ts";
import { look, type Seen } from "../engine/look.ts";
import type { AnyResource, Live, Resource } from "../engine/resource.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import { baseImage } from "../resources/base-image.ts";
import { instancesOf } from "../resources/builder.ts";
import { type ImageLive, image } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import type { Session } from "../session.ts";
import type { Stack } from "../stack.ts";
import { activities, instanceOf } from "./activities.ts";
import { bakes } from "./bakes.ts";
import { deploys, releaseOf } from "./deploys.ts";
import { eventKinds } from "./event.ts";
import { rolls } from "./rolls.ts";

/** The stack's instances, those too that EC2 lists for an hour after they have ended. */
const everyInstance: Resource<object, Live> = {
  resource: "every-instance",
  kind: "instance",
  dependsOn: [],
  find: async (eyes) =>
    (await instancesOf(eyes)).map(({ InstanceId = "", Tags }) => ({ id: InstanceId, tags: readTags(Tags) })),
};

/**
 * What happened to a stack, oldest first, as far as AWS still knows: activities and instance refreshes of the last six
 * weeks, also of groups that are gone, and the images and launch template versions that are there.
 */
export async function readEvents(
  { aws, stack }: Pick<Session, "aws" | "stack">,
  since: Date | undefined,
): Promise<{ seen: Seen; events: StackEvent[] }> {
  const seen = await look(aws, stack, [image, baseImage, launchTemplate, autoScalingGroup, everyInstance]);
  const owned = <L extends Live>(resource: AnyResource) => (seen.get(resource)?.owned ?? []) as L[];
  const groups = owned(autoScalingGroup).map(({ id }) => id);
  const foreign = new Set((seen.get(autoScalingGroup)?.foreign ?? []).map(({ id }) => id));
  // A group that is gone has no tags any more: its name tells whose it was.
  const names = (autoScalingGroup.names?.(stack) ?? []).filter((name) => !foreign.has(name));
  const [acted, refreshes] = await Promise.all([
    Promise.all(names.map((name) => readActivities(aws, name, since))),
    Promise.all(groups.map((name) => readInstanceRefreshes(aws, name))),
  ]);

  const images = [...owned<ImageLive>(image), ...owned<ImageLive>(baseImage)];
  const versions = owned<LaunchTemplateLive>(launchTemplate).flatMap((template) => template.versions);
  const byVersion = new Map(versions.map((version) => [version.version, releaseOf(version)]));
  const releases = await releasesOf(owned(everyInstance), acted.flat(), aws, stack);
  const acts = activities(acted.flat(), (id) => releases.get(id));
  const events = [
    ...bakes(images),
    ...deploys(versions, new Map(images.map(({ id, created }) => [id, created]))),
    ...rolls(refreshes.flat(), (version) => byVersion.get(version), acts),
    ...acts,
  ];
  return { seen, events: events.filter(({ time }) => !since || new Date(time) >= since).sort(inOrder) };
}

/** The instances' releases, of those too that were launched after the instances were read and before the activities. */
async function releasesOf(read: Live[], acted: Activity[], aws: Aws, stack: Stack) {
  const ids = new Set(read.map(({ id }) => id));
  // EC2 lists an instance for an hour after it has ended: of this age none is missing for that.
  const young = Date.now() - 30 * 60_000;
  const missed = acted.some(({ StartTime, Description }) => {
    const id = instanceOf(Description);
    return id !== undefined && !ids.has(id) && StartTime !== undefined && StartTime.getTime() > young;
  });
  const instances = missed ? ((await look(aws, stack, [everyInstance])).get(everyInstance)?.owned ?? []) : read;
  return new Map(instances.map(({ id, tags }) => [id, tags["multivac:release"]]));
}

/** By time; EC2 tells whole seconds of some, so that the same time is no accident: then by what follows from what. */
function inOrder(one: StackEvent, other: StackEvent): number {
  if (one.time !== other.time) return one.time < other.time ? -1 : 1;
  return eventKinds.indexOf(one.kind) - eventKinds.indexOf(other.kind);
}
