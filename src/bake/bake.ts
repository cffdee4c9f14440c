import type { Report } from "../progress.ts";
import { during } from "../spans.ts";
import { bakeFailure, interruptedEarly } from "./bake-failure.ts";
import { atCheckpoint } from "./checkpoint.ts";
import { closeConnections } from "./connections.ts";
import { packerEnvironment } from "./environment.ts";
import { bakedImage } from "./manifest.ts";
import type { BakeOrder } from "./order.ts";
import { runPacker } from "./packer.ts";
import { fetchPlugins } from "./plugins.ts";
import type { TimeLimits } from "./process-group.ts";
import { findTools } from "./tools.ts";
import { watchWholeImage } from "./whole-image.ts";
import { inWorkspace, stage } from "./workspace.ts";

/** The label of everything a bake reports. */
const TASK = "image";

const MINUTE = 60_000;
const LIMITS: TimeLimits = { totalMs: 60 * MINUTE, cleanUpMs: 5 * MINUTE, terminateMs: 10_000 };
/** Longer than the bake and its clean-up: only a builder that nobody ends any more lives to see it. */
const BUILDER_LIFE_MINUTES = 75;

/**
 * Bakes the app into an AMI. Reports `update`s of the task `image`; its start and end are the caller's to report.
 * When `stop` is aborted Packer takes down what it made and this rejects with a Failure `bake-interrupted`; when `kill`
 * is aborted nothing is waited for any more.
 */
export async function bake(
  order: BakeOrder,
  report: Report,
  stop: AbortSignal,
  kill: AbortSignal = new AbortController().signal,
  limits: TimeLimits = LIMITS,
): Promise<{ imageId: string }> {
  const tell = (text: string) => report({ type: "update", task: TASK, text });
  return inWorkspace(async (workspace) => {
    const env = packerEnvironment(process.env, order.env, workspace);
    tell("packing the app");
    const finding = findTools(env);
    const packer = finding.then((tools) => tools.packer);
    packer.catch(() => undefined);
    const staging = stage(order, packer, BUILDER_LIFE_MINUTES, workspace);
    const [tools] = await Promise.all([finding, staging]).finally(() => Promise.allSettled([finding, staging]));
    await fetchPlugins(tools.packer, workspace, env, stop);
    if (stop.aborted || kill.aborted) throw interruptedEarly();

    tell("starting Packer");
    const checkpoint = atCheckpoint(workspace.baseKept, order.keepBase);
    const whole = watchWholeImage((imageId) => !stop.aborted && order.onImage?.(imageId));
    const hear = (text: string) => {
      checkpoint.line(text);
      whole(text);
    };
    const stopping = AbortSignal.any([stop, checkpoint.failed]);
    const run = { workspace, env, logFile: order.logFile, limits, stop: stopping, kill, hear };
    const building = during({ kind: "bake", name: "packer build" }, () => runPacker(run, tell, report));
    const end = await building.finally(() => closeConnections(workspace.connections));
    await checkpoint.over().catch((error) => {
      if (!stop.aborted && !kill.aborted) throw error;
    });
    const imageId = end.result.exitCode === 0 && (await bakedImage(workspace.manifest));
    if (!imageId) throw bakeFailure({ ...end, logFile: order.logFile });
    return { imageId };
  });
}
