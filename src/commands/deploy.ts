import { siteUrl, waitUntilHealthy } from "../deploy/healthy.ts";
import { readPlanFile } from "../deploy/plan-file.ts";
import { type Prepared, prepare } from "../deploy/prepare.ts";
import { refuseOutdated } from "../deploy/saved-plan.ts";
import { apply } from "../engine/apply.ts";
import type { AnyResource, Live } from "../engine/resource.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../output/document.ts";
import { hasColour, paintFor } from "../output/paint.ts";
import { planText } from "../output/plan.ts";
import { duration } from "../output/progress.ts";
import { recordTimeline } from "../output/timeline.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import { type ImageLive, image } from "../resources/image.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";
import { targetGroup } from "../resources/target-group.ts";
import type { CommonOptions, Context } from "../session.ts";
import { commandLine, hint } from "./hint.ts";

interface DeployOptions extends CommonOptions {
  image?: string;
  plan?: string;
  wait: boolean;
}

/** Brings AWS to the config and the app, and returns once the site answers. */
export async function deploy(context: Context, options: DeployOptions): Promise<Outcome> {
  const { report, timeline } = recordTimeline(context.report);
  const saved = options.plan === undefined ? undefined : await readPlanFile(options.plan);
  const prepared = await prepare({ ...context, report }, options.image, saved);
  const { session, plan, inputs } = prepared;
  const { aws } = session;
  if (saved) refuseOutdated(saved, prepared);

  if (plan.changed) {
    report({
      type: "note",
      text: planText(prepared.place, plan.changes, paintFor(hasColour(process.stderr, options.color, process.env))),
    });
    if (!saved && !(await context.ask.confirm("Deploy this?"))) throw refused();
  } else report({ type: "note", text: "Nothing to change." });

  const stack = await apply(plan, inputs, { aws, report, signal: context.stop });
  const result = outcome(context, prepared, stack, timeline);
  if (!options.wait) return result();

  try {
    await waitUntilHealthy({
      aws,
      healthCheck: inputs.config.loadBalancer.healthCheck,
      report,
      stop: context.stop,
      loadBalancer: stack.get(loadBalancer) as LoadBalancerLive,
      group: stack.get(autoScalingGroup)?.id ?? "",
      targetGroupArn: stack.get(targetGroup)?.id ?? "",
      answers: session.sandbox?.machines !== false,
    });
  } catch (error) {
    if (error instanceof Failure && error.exitCode === 3) return result(error);
    throw error;
  }
  return result();
}

type Stack = ReadonlyMap<AnyResource, Live>;

/** Makes the result from what there is at the end; with a failure, of what is not finished. */
function outcome(
  context: Context,
  { place, inputs, plan }: Prepared,
  stack: Stack,
  timeline: ReturnType<typeof recordTimeline>["timeline"],
) {
  return (failure?: Failure): Outcome => {
    const url = siteUrl((stack.get(loadBalancer) as LoadBalancerLive).dnsName);
    const live = "named" in inputs.image ? inputs.image.named : (stack.get(image) as ImageLive);
    const seconds = timeline.seconds();
    if (!failure)
      context.report({
        type: "note",
        text: [
          `Done in ${duration(seconds)}.`,
          hint("  How it is:    ", "status", context),
          hint("  Take it down: ", "destroy", context),
          ...(context.options.sandbox ? [`  Stop the sandbox: ${commandLine("sandbox stop", { options: {} })}`] : []),
        ].join("\n"),
      });
    return {
      exitCode: failure?.exitCode ?? 0,
      document: {
        stack: place,
        url,
        release: live.release,
        image: live.id,
        changes: plan.changes,
        seconds,
        timeline: timeline.entries,
      },
      text: url,
      ...(failure ? { failure } : {}),
    };
  };
}

function refused(): Failure {
  return new Failure({ code: "answered-no", message: "Nothing was changed." });
}
