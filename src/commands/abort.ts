import type { InstanceRefresh } from "@aws-sdk/client-auto-scaling";
import { abortInstanceRefresh, isUnderWay, readInstanceRefresh } from "../aws/instance-refresh.ts";
import { abortFailure, followToEnd } from "../deploy/abort.ts";
import { discardRelease } from "../deploy/discard.ts";
import { placeOf } from "../deploy/prepare.ts";
import { notDeployed, servingTemplate } from "../deploy/standing.ts";
import type { AbortDocument } from "../documents.ts";
import { look } from "../engine/look.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../output/document.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import type { AutoScalingGroupLive } from "../resources/auto-scaling-group-live.ts";
import { type LaunchTemplateLive, launchTemplate, readTemplate } from "../resources/launch-template.ts";
import { type Context, isSandboxDown, nameStack, openNamed } from "../session.ts";
import { stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

/** Rolls back the roll that is under way, follows that to its end, and says what serves. Works from tags alone. */
export async function abort(context: Context): Promise<Outcome<AbortDocument>> {
  if (await isSandboxDown(context)) return nothingInSandbox(context);
  const { report, stop } = context;
  const session = await openNamed(context);
  const { aws, stack } = session;
  const [place, seen] = await Promise.all([placeOf(session), look(aws, stack, [launchTemplate, autoScalingGroup])]);
  const [group] = (seen.get(autoScalingGroup)?.owned ?? []) as AutoScalingGroupLive[];
  const [template] = (seen.get(launchTemplate)?.owned ?? []) as LaunchTemplateLive[];
  if (!group) {
    return {
      exitCode: 0,
      document: { stack: place, state: "nothing", release: null, image: null },
      text: "Nothing is under way, and nothing serves.",
    };
  }
  if (!template) throw notDeployed(stack, commandLine("deploy", context));
  const serving = servingTemplate(template, group);
  const refresh = await readInstanceRefresh(aws, group.id);
  const release = serving.instanceTags["multivac:release"] ?? serving.imageId;
  const result = (state: AbortDocument["state"], text: string, failure?: Failure): Outcome<AbortDocument> => ({
    exitCode: failure?.exitCode ?? 0,
    document: { stack: place, state, release, image: serving.imageId },
    text: failure ? "" : text,
    ...(failure ? { failure } : {}),
  });
  if (!refresh || !isUnderWay(refresh)) {
    const text = `No roll is under way; ${release} serves. A deploy that still bakes or makes things is stopped by Ctrl-C where it runs.`;
    return result("nothing", text);
  }

  const coming = refresh.DesiredConfiguration?.LaunchTemplate?.Version;
  if (!isEnding(refresh)) {
    const what = `Launch template version ${coming ?? group.launchTemplateVersion} is being rolled out`;
    report({ type: "note", text: `${stackKey(stack)}: ${what}, ${refresh.PercentageComplete ?? 0} % done.` });
    if (!(await context.ask.confirm(`Roll it back to ${release}?`)))
      throw new Failure({ code: "answered-no", message: "Nothing was changed." });
    await abortInstanceRefresh(aws, group.id);
  }
  const ended = await followToEnd({ aws, report, stop }, group.id);
  const failure = await abortFailure(aws, group.id, ended, commandLine("rollback", context));
  if (failure) return result("failed", "", failure);

  const newest = await readTemplate(aws, stackKey(stack));
  if (newest && newest.version === coming)
    await discardRelease({ aws, report, signal: stop }, stack, { template: newest, group: group.id, baked: undefined });
  const how = ended.Status === "Cancelled" ? "cancelled" : "rolled-back";
  return result(how, `The roll was ${how.replace("-", " ")}. ${release} serves.`);
}

/** Whether somebody has aborted it already. */
function isEnding({ Status }: InstanceRefresh): boolean {
  return Status === "RollbackInProgress" || Status === "Cancelling";
}

async function nothingInSandbox(context: Context): Promise<Outcome<AbortDocument>> {
  const { name, environment } = await nameStack(context);
  const place = { name, environment, region: null, account: null };
  return {
    exitCode: 0,
    document: { stack: place, state: "nothing", release: null, image: null },
    text: "The sandbox is not running, so nothing is under way in it.",
  };
}
