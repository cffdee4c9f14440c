import { canAsk } from "../ask.ts";
import { explainAll } from "../aws/explain.ts";
import { plannedCost, priceLimit } from "../cost/planned.ts";
import { discardRelease } from "../deploy/discard.ts";
import { siteUrl, waitUntilHealthy } from "../deploy/healthy.ts";
import { said } from "../deploy/last-look.ts";
import { readPlanFile } from "../deploy/plan-file.ts";
import { type Prepared, prepare } from "../deploy/prepare.ts";
import { refuseOutdated, samePlan } from "../deploy/saved-plan.ts";
import { servingTemplate } from "../deploy/standing.ts";
import { refuseOtherRoll } from "../deploy/under-way.ts";
import type { DeployDocument } from "../documents.ts";
import { apply } from "../engine/apply.ts";
import type { Plan } from "../engine/plan.ts";
import type { AnyResource, Live } from "../engine/resource.ts";
import type { Run } from "../engine/run.ts";
import { takeBack, tidy } from "../engine/tidy.ts";
import { Failure, sameCommand, throwRejected } from "../failure.ts";
import { withLock } from "../lock/with-lock.ts";
import { hasColour } from "../output/colour.ts";
import { plannedCostText } from "../output/cost.ts";
import type { Outcome } from "../output/document.ts";
import { paintFor } from "../output/paint.ts";
import { planText } from "../output/plan.ts";
import { duration } from "../output/progress.ts";
import { tellWaterfall } from "../output/waterfall.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { type ImageLive, image } from "../resources/image.ts";
import { type LaunchTemplateLive, launchTemplate } from "../resources/launch-template.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";
import { type TargetGroupLive, targetGroup } from "../resources/target-group.ts";
import type { CommonOptions, Context } from "../session.ts";
import { commandLine, hints } from "./hint.ts";

interface DeployOptions extends CommonOptions {
  image?: string;
  refreshBase?: boolean;
  plan?: string;
  wait: boolean;
  keepFailedImage?: boolean;
  waitLock?: boolean;
}

/** Brings AWS to the config and the app, and returns once the site answers. */
export async function deploy(context: Context, options: DeployOptions): Promise<Outcome<DeployDocument>> {
  const { report } = context;
  const saved = options.plan === undefined ? undefined : await readPlanFile(options.plan);
  const prepared = await prepare(context, { ...options, checked: true }, saved);
  const { session, plan, inputs } = prepared;
  const agree = async (now: Prepared) => {
    if (saved) refuseOutdated(saved, now);
    await refuseOtherRoll(session.aws, now.plan, commandLine("abort", context));
    if (!now.plan.changed) return report({ type: "note", text: "Nothing to change." });
    const paint = paintFor(hasColour(process.stderr, options.color, process.env));
    // Nobody who is not asked waits for prices.
    const limit = !options.yes && !saved && canAsk() ? priceLimit : undefined;
    const planned = await plannedCost(now, { limit, stop: context.stop });
    const cost = plannedCostText(planned, commandLine("cost", context), paint);
    const about = [planText(now.place, now.plan.changes, paint), ...cost].join("\n");
    if (saved) report({ type: "note", text: about });
    else if (!(await context.ask.confirm("Deploy this?", about))) throw refused();
  };

  await agree(prepared);
  if (!plan.changed) return await carryOut(context, options, prepared);
  // Somebody may have been at it between the question and the lock.
  const look = () => prepared.again();
  const locking = { command: "deploy", look, wait: options.waitLock, tags: inputs.config.tags };
  return await withLock(context, session, locking, async (locked, now) => {
    if (saved || !samePlan(plan, now.plan)) await agree(now);
    return await carryOut(locked, options, now).finally(() => bakeEnded(now));
  });
}

/** While Packer takes down its builder the image is in use already; the command does not leave it alone. */
async function bakeEnded({ inputs: { image: wanted } }: Prepared): Promise<void> {
  if (!("named" in wanted)) await wanted.ended();
}

/** Brings AWS to the plan, waits until the site answers, and takes away what is left of before. */
async function carryOut(
  context: Context,
  options: DeployOptions,
  prepared: Prepared,
): Promise<Outcome<DeployDocument>> {
  const { session, plan, inputs } = prepared;
  const { report } = context;
  const { aws } = session;
  const run = { aws, report, signal: context.stop };
  const rest: Promise<void>[] = [];
  const stack = new Map<AnyResource, Live>();
  const result = (failure?: Failure) => outcome(context, prepared, stack, failure);
  try {
    await apply(plan, inputs, { ...run, rest }, stack);
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== 4) throw error;
    await takeBack(plan, stack, inputs, run);
    await discard(prepared, stack, groupBefore(plan), run, options);
    return result(error);
  }
  const settled = async () => throwRejected(await Promise.allSettled(rest));
  if (!options.wait) {
    await settled();
    return result();
  }

  try {
    await waitUntilHealthy({
      aws,
      healthCheck: inputs.config.loadBalancer.healthCheck,
      report,
      stop: context.stop,
      loadBalancer: stack.get(loadBalancer) as LoadBalancerLive,
      group: stack.get(autoScalingGroup) as AutoScalingGroupLive,
      targetGroupArn: stack.get(targetGroup)?.id ?? "",
      seenHealth: plan.changed ? undefined : (stack.get(targetGroup) as TargetGroupLive).health,
      beside: balancerBefore(plan) !== undefined,
      answers: session.sandbox?.machines !== false,
    }).finally(() => Promise.allSettled(rest));
    await settled();
  } catch (error) {
    if (!(error instanceof Failure) || ![3, 4].includes(error.exitCode)) throw error;
    if (error.exitCode === 4) await discard(prepared, stack, stack.get(autoScalingGroup), run, options);
    // All but this machine finds the new release healthy: nothing needs what was before.
    const left = error.code === "no-answer" ? await tidied(prepared, stack, run) : undefined;
    if (left) report({ type: "warning", text: `${left.message} ${left.reason}` });
    return result(error);
  }
  return result(await tidied(prepared, stack, run));
}

/** Takes away what is left of before. What keeps it from that is told with the result: the release serves all the same. */
async function tidied({ plan, inputs }: Prepared, stack: Stack, run: Run): Promise<Failure | undefined> {
  try {
    await tidy(plan, stack, inputs, run);
    return undefined;
  } catch (error) {
    const { aborted, reason } = run.signal;
    if (aborted && reason instanceof Failure && reason.exitCode === 3) return reason;
    const errors = explainAll(error);
    if (aborted || !errors.every((each) => each instanceof Failure)) throw error;
    const [only, ...more] = errors as Failure[];
    if (only?.exitCode === 3 && more.length === 0) return only;
    return new Failure({
      code: "left-behind",
      message: "The release serves, but not all that it takes the place of could be taken away.",
      reason: errors.map((each) => said(each as Failure)).join("\n"),
      fix: `Mend what keeps it, then run again, which takes it away: ${sameCommand}`,
      exitCode: 3,
    });
  }
}

/** The load balancer that a new one takes the place of, and that serves until then. */
function balancerBefore({ steps }: Plan): Live | undefined {
  return steps.find(({ resource }) => resource === loadBalancer)?.surplus[0];
}

type Stack = ReadonlyMap<AnyResource, Live>;

/** Takes a failed release away, so that no later deploy takes it for what is live; what the group uses stays. */
async function discard(
  { plan, inputs }: Prepared,
  stack: Stack,
  group: Live | undefined,
  run: Run,
  options: DeployOptions,
): Promise<void> {
  const made = plan.changes.some(({ action }) => action === "bake") ? (stack.get(image) as ImageLive) : undefined;
  if (made && options.keepFailedImage)
    run.report({ type: "note", text: `The failed release's image ${made.id} is kept.` });
  await discardRelease(run, inputs.stack, {
    template: stack.get(launchTemplate) as LaunchTemplateLive,
    group: group?.id ?? "",
    baked: options.keepFailedImage ? undefined : made,
  });
}

/** The result, of what serves at the end; with a failure, of what is not finished. */
function outcome(
  context: Context,
  { place, inputs, plan, seen }: Prepared,
  stack: Stack,
  failure: Failure | undefined,
): Outcome<DeployDocument> {
  const serving = (failure?.exitCode === 4 && balancerBefore(plan)) || stack.get(loadBalancer);
  const url = siteUrl((serving as LoadBalancerLive).dnsName);
  const wanted = "named" in inputs.image ? inputs.image.named : (stack.get(image) as ImageLive);
  const before = servedBefore(plan, seen);
  const [release, imageId] =
    failure?.exitCode === 4 && before
      ? [before.instanceTags["multivac:release"] ?? before.imageId, before.imageId]
      : [wanted.release, wanted.id];
  const seconds = context.record.seconds();
  if (plan.changed) tellWaterfall(context);
  if (!failure) context.report({ type: "note", text: whatNext(context, seconds) });
  return {
    exitCode: failure?.exitCode ?? 0,
    document: {
      stack: place,
      url,
      release,
      image: imageId,
      changes: plan.changes,
      seconds,
      timeline: context.record.timeline(),
    },
    text: url,
    ...(failure ? { failure } : {}),
  };
}

/** The launch template as in the version that served before this deploy. */
function servedBefore(plan: Plan, seen: Prepared["seen"]): LaunchTemplateLive | undefined {
  const group = groupBefore(plan);
  const newest = seen.get(launchTemplate)?.owned[0] as LaunchTemplateLive | undefined;
  return newest && group ? servingTemplate(newest, group) : newest;
}

/** The group that was there before this deploy, which may make another beside it. */
function groupBefore({ steps }: Plan): AutoScalingGroupLive | undefined {
  const step = steps.find(({ resource }) => resource === autoScalingGroup);
  return (step?.live ?? step?.surplus[0]) as AutoScalingGroupLive | undefined;
}

function whatNext(context: Context, seconds: number): string {
  const stopSandbox = commandLine("sandbox stop", { options: {} });
  const next = hints([
    ["How it is", commandLine("status", context)],
    ["Take it down", commandLine("destroy", context)],
    ...(context.options.sandbox ? [["Stop the sandbox", stopSandbox] satisfies [string, string]] : []),
  ]);
  return `Done in ${duration(seconds)}.\n${next}`;
}

function refused(): Failure {
  return new Failure({ code: "answered-no", message: "Nothing was changed." });
}
