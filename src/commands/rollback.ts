import { discardRelease } from "../deploy/discard.ts";
import { siteUrl, waitUntilHealthy } from "../deploy/healthy.ts";
import { type Place, placeOf } from "../deploy/prepare.ts";
import { readReleases } from "../deploy/releases.ts";
import { chooseRelease, planRollback, type Rollback } from "../deploy/rollback.ts";
import { samePlan } from "../deploy/saved-plan.ts";
import { notDeployed, type Standing, standing } from "../deploy/standing.ts";
import { refuseOtherRoll } from "../deploy/under-way.ts";
import type { RollbackDocument } from "../documents.ts";
import { apply } from "../engine/apply.ts";
import { look } from "../engine/look.ts";
import type { Change } from "../engine/plan.ts";
import { Failure } from "../failure.ts";
import { withLock } from "../lock/with-lock.ts";
import { hasColour } from "../output/colour.ts";
import type { Outcome } from "../output/document.ts";
import { paintFor } from "../output/paint.ts";
import { planText } from "../output/plan.ts";
import { duration } from "../output/progress.ts";
import type { RunRecord } from "../output/record.ts";
import { tellWaterfall } from "../output/waterfall.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import type { ImageLive } from "../resources/image.ts";
import { stackResources } from "../resources/index.ts";
import type { LaunchTemplateLive } from "../resources/launch-template.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed, type Session } from "../session.ts";
import { commandLine, hints } from "./hint.ts";

/** Rolls to an earlier release without a bake, and returns once the site answers. Works from tags alone. */
export async function rollback(
  context: Context,
  options: CommonOptions & { waitLock?: boolean },
  wanted?: string,
): Promise<Outcome<RollbackDocument>> {
  const { report, record } = context;
  if (await isSandboxDown(context))
    throw notDeployed(await nameStack(context), commandLine("deploy", context), "The sandbox is not running.");
  const session = await openNamed(context);
  const place = await placeOf(session);
  const agree = async ({ rolling, to }: Way) => {
    await refuseOtherRoll(session.aws, rolling.plan, commandLine("abort", context));
    const paint = paintFor(hasColour(process.stderr, options.color, process.env));
    const about = planText(place, rolling.plan.changes, paint);
    if (await context.ask.confirm(`Roll back to ${to.release}?`, about)) return;
    throw new Failure({ code: "answered-no", message: "Nothing was changed." });
  };

  const way = await findWay(context, session, wanted);
  if (isLive(way)) {
    await refuseOtherRoll(session.aws, way.rolling.plan, commandLine("abort", context));
    report({ type: "note", text: `${way.to.release} is live already. Nothing to change.` });
    return outcome({ place, parts: way.parts, record }, serves(way.to), []);
  }
  await agree(way);
  // Somebody may have been at it between the question and the lock.
  const look = () => findWay(context, session, way.to.id);
  const locking = { command: "rollback", look, wait: options.waitLock };
  return await withLock(context, session, locking, async (locked, now) => {
    if (!samePlan(way.rolling.plan, now.rolling.plan)) await agree(now);
    const about = { place, parts: now.parts, record };
    const { changes } = now.rolling.plan;
    const failure = await roll(locked, now.rolling, now.parts, session.sandbox?.machines !== false, session.aws);
    tellWaterfall(context);
    if (failure?.exitCode === 4) return outcome(about, served(now.parts), changes, failure);
    if (!failure) report({ type: "note", text: whatNext(context, record.seconds()) });
    return outcome(about, serves(now.to), changes, failure);
  });
}

/** What there is, the release to go back to, and how to get there. */
interface Way {
  parts: Standing;
  to: ImageLive;
  rolling: Rollback;
}

async function findWay(context: Context, { aws, stack }: Session, wanted: string | undefined): Promise<Way> {
  const seen = await look(aws, stack, stackResources);
  const parts = standing(stack, seen, commandLine("deploy", context));
  const to = chooseRelease(await readReleases(aws, seen), wanted);
  return { parts, to, rolling: await planRollback(aws, stack, seen, parts, to) };
}

/** Whether the group is to launch a release, and every instance that it has is of it already. */
function isLive({ parts: { serving, group }, to }: Way): boolean {
  return to.id === serving.imageId && group.runningVersion === serving.launches;
}

function serves({ release, id }: ImageLive): Served {
  return { release, image: id };
}

/** Applies the plan and waits until the site answers. Returns the failure of a roll that is not done, or not good. */
async function roll(
  { report, stop }: Pick<Context, "report" | "stop">,
  { plan, inputs, template, group: rolled }: Rollback,
  { group, targetGroup, loadBalancer }: Standing,
  answers: boolean,
  aws: Parameters<typeof look>[0],
): Promise<Failure | undefined> {
  const run = { aws, report, signal: stop };
  const made = await apply(plan, inputs, run);
  try {
    const healthCheck = { ...targetGroup.healthCheck, gracePeriodSeconds: group.gracePeriodSeconds };
    const site = { aws, report, stop, healthCheck, loadBalancer, answers };
    const now = made.get(rolled) as AutoScalingGroupLive;
    await waitUntilHealthy({ ...site, group: now, targetGroupArn: targetGroup.id });
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || ![3, 4].includes(error.exitCode)) throw error;
    const failed = { template: made.get(template) as LaunchTemplateLive, group: group.id, baked: undefined };
    if (error.exitCode === 4) await discardRelease(run, inputs.stack, failed);
    return error;
  }
}

interface Served {
  release: string;
  image: string;
}

function served({ serving }: Standing): Served {
  return { release: serving.instanceTags["multivac:release"] ?? serving.imageId, image: serving.imageId };
}

function outcome(
  { place, parts, record }: { place: Place; parts: Standing; record: RunRecord },
  serves: Served,
  changes: Change[],
  failure?: Failure,
): Outcome<RollbackDocument> {
  const url = siteUrl(parts.loadBalancer.dnsName);
  return {
    exitCode: failure?.exitCode ?? 0,
    document: { stack: place, url, ...serves, changes, seconds: record.seconds(), timeline: record.timeline() },
    text: url,
    ...(failure ? { failure } : {}),
  };
}

function whatNext(context: Context, seconds: number): string {
  const next = hints([
    ["How it is", commandLine("status", context)],
    ["What there is", commandLine("releases", context)],
  ]);
  return `Done in ${duration(seconds)}. The next deploy goes by the config and the app again.\n${next}`;
}
