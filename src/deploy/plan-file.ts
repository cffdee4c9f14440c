import { open, rm } from "node:fs/promises";
import path from "node:path";
import { readAppSource } from "../app/source.ts";
import type { Config } from "../config/schema.ts";
import { Failure } from "../failure.ts";
import { obstacle } from "../output/obstacle.ts";
import { readAtMost } from "../read-at-most.ts";
import { parseSavedPlan, type SavedPlan, unreadablePlan } from "./saved-plan.ts";

/** Reads a saved plan. Throws a `Failure` for anything that is not one. */
export async function readPlanFile(file: string): Promise<SavedPlan> {
  const bytes = await readAtMost(file).catch((error) => {
    throw unreadablePlan(file, error.code === "ENOENT" ? "There is no such file." : error.message, error);
  });
  return parseSavedPlan(file, bytes.toString());
}

/**
 * Writes a plan. Throws a `Failure`, and leaves no plan behind, where the file would become part of the app: the plan
 * would be outdated at once.
 */
export async function writePlanFile(
  file: string,
  plan: SavedPlan,
  { app, image }: Config,
  configFile: string,
): Promise<void> {
  const isInApp = async () => {
    if (!app || image.id) return false;
    const { source } = await readAppSource(app, path.resolve(configFile));
    return source.files.some((each) => path.join(source.root, each.path) === path.resolve(file));
  };
  const inApp = new Failure({
    code: "plan-in-app",
    message: `${file} lies in the app's folder and would become part of the app.`,
    reason: "The plan would be outdated by its own file.",
    fix: "Choose a place outside app.path, or name the file in app.exclude.",
  });
  if (await isInApp()) throw inApp;
  const why = obstacle(file, [configFile]);
  if (why) throw notWritable(file, why);
  await write(file, plan);
  if (!(await isInApp())) return;
  await rm(file, { force: true });
  throw inApp;
}

/** Only its owner may read it. */
async function write(file: string, plan: SavedPlan): Promise<void> {
  try {
    const handle = await open(file, "w", 0o600);
    try {
      // An older file keeps its mode when it is opened.
      if ((await handle.stat()).isFile()) await handle.chmod(0o600);
      await handle.writeFile(`${JSON.stringify(plan, null, 2)}\n`);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw notWritable(file, cause instanceof Error ? cause.message : undefined, cause);
  }
}

function notWritable(file: string, reason: string | undefined, cause?: unknown): Failure {
  return new Failure({
    code: "plan-not-writable",
    message: `The plan cannot be written to ${file}.`,
    reason,
    fix: "Choose another place.",
    cause,
  });
}
