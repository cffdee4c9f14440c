import { discardRelease } from "../deploy/discard.ts";
import { siteUrl, waitUntilHealthy } from "../deploy/healthy.ts";
import { type Place, placeOf } from "../deploy/prepare.ts";
import { readReleases } from "../deploy/releases.ts";
import { chooseRelease, planRollback, type Rollback } from "../deploy/rollback.ts";
import { notDeployed, type Standing, standing } from "../deploy/standing.ts";
import { refuseOtherRoll } from "../deploy/under-way.ts";
import { apply } from "../engine/apply.ts";
import { look } from "../engine/look.ts";
import type { Change } from "../engine/plan.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../output/document.ts";
import { hasColour, paintFor } from "../output/paint.ts";
import { planText } from "../output/plan.ts";
import { duration } from "../output/progress.ts";
import { recordTimeline, type Timeline } from "../output/timeline.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group.ts";
import { stackResources } from "../resources/index.ts";
import type { LaunchTemplateLive } from "../resources/launch-template.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed } from "../session.ts";
import { commandLine, hint } from "./hint.ts";

/** Rolls to an earlier release without a bake, and returns once the site answers. Works from tags alone. */
export async function rollback(context: Context, _options: CommonOptions, wanted?: string): Promise<Outcome> {
  const deploy = commandLine("deploy", context);
  if (await isSandboxDown(context)) throw notDeployed(await nameStack(context), deploy);
  const { report, timeline } = recordTimeline(context.report);
  const session = await openNamed(context);
  const { aws, stack } = session;
  const [place, seen] = await Promise.all([placeOf(session), look(aws, stack, stackResources)]);
  const parts = standing(stack, seen, deploy);
  const releases = await readReleases(aws, seen);
  const to = chooseRelease(releases, wanted);
  const rolling = await planRollback(aws, stack, seen, parts, to);
  const about = { place, parts, timeline };
  const after = { release: to.release, image: to.id };

  await refuseOtherRoll(aws, rolling.plan, commandLine("abort", context));
  if (to.id === parts.serving.imageId) {
    report({ type: "note", text: `${to.release} is live already. Nothing to change.` });
    return outcome(about, after, []);
  }
  const { changes } = rolling.plan;
  const paint = paintFor(hasColour(process.stderr, context.options.color, process.env));
  report({ type: "note", text: planText(place, changes, paint) });
  if (!(await context.ask.confirm(`Roll back to ${to.release}?`)))
    throw new Failure({ code: "answered-no", message: "Nothing was changed." });

  const failure = await roll({ ...context, report }, rolling, parts, session.sandbox?.machines !== false, aws);
  if (failure?.exitCode === 4) return outcome(about, served(parts), changes, failure);
  if (!failure) context.report({ type: "note", text: whatNext(context, timeline.seconds()) });
  return outcome(about, after, changes, failure);
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
    if (!(error instanceof Failure) || error.exitCode < 3) throw error;
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
  { place, parts, timeline }: { place: Place; parts: Standing; timeline: Timeline },
  serves: Served,
  changes: Change[],
  failure?: Failure,
): Outcome {
  const url = siteUrl(parts.loadBalancer.dnsName);
  const seconds = timeline.seconds();
  return {
    exitCode: failure?.exitCode ?? 0,
    document: { stack: place, url, ...serves, changes, seconds, timeline: timeline.entries },
    text: url,
    ...(failure ? { failure } : {}),
  };
}

function whatNext(context: Context, seconds: number): string {
  return [
    `Done in ${duration(seconds)}. The next deploy goes by the config and the app again.`,
    hint("  How it is:      ", "status", context),
    hint("  What there is:  ", "releases", context),
  ].join("\n");
}
