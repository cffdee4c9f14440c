import type { Ground } from "../doctor/check.ts";
import { allChecks } from "../doctor/checks/index.ts";
import { doctorGround } from "../doctor/ground.ts";
import { label, runChecks } from "../doctor/run.ts";
import type { DoctorDocument } from "../documents.ts";
import { Failure, sameCommand } from "../failure.ts";
import { checksText } from "../output/checks.ts";
import { hasColour } from "../output/colour.ts";
import type { Outcome } from "../output/document.ts";
import { paintFor } from "../output/paint.ts";
import { type Context, pointAt } from "../session.ts";
import { typable } from "./hint.ts";

/** Says whether everything that a deploy needs is there and allowed, and how to get what is not. Changes nothing. */
export async function doctor(context: Context): Promise<Outcome<DoctorDocument>> {
  const { options, report } = context;
  const sandbox = options.sandbox ? await runningSandbox() : undefined;
  if (sandbox) await pointAt(sandbox);
  const ground = doctorGround(context, process.env, sandbox);
  // It is shown while it runs, and leaves no line of its own.
  report({ type: "start", task: "checks" });
  const results = await runChecks(allChecks({ sandbox: options.sandbox === true }), ground);
  const checks = results.map(({ name, state, detail, fix }) => ({
    name,
    state,
    detail,
    ...(fix ? { fix: typable(fix, options) } : {}),
  }));
  const place = await placeOf(ground);
  const paint = paintFor(hasColour(process.stdout, options.color, process.env));
  const failed = results.filter(({ state }) => state === "failed").map(({ name }) => label(name));
  const failure = failed.length > 0 ? notReady(failed, checks.length) : undefined;
  return {
    exitCode: failure?.exitCode ?? 0,
    document: { stack: place, checks },
    text: checksText(place, checks, paint),
    ...(failure ? { failure } : {}),
  };
}

function notReady(failed: readonly string[], all: number): Failure {
  return new Failure({
    code: "not-ready",
    message: `A deploy would not get far: ${failed.join(", ")}.`,
    reason: `${failed.length} of ${all} checks failed.`,
    fix: `Do what stands beside each, then look again: ${sameCommand}`,
  });
}

async function runningSandbox() {
  const { findSandbox, sandboxId } = await import("../sandbox/running.ts");
  return await findSandbox(sandboxId());
}

/** The stack as far as it can be told. */
async function placeOf(ground: Ground): Promise<DoctorDocument["stack"]> {
  const orNull = <T>(finding: Promise<T>) => finding.catch(() => null);
  const [loaded, aws, caller] = await Promise.all([
    orNull(ground.loaded()),
    orNull(ground.aws()),
    orNull(ground.caller()),
  ]);
  const { name = null, environment = null } = loaded?.config ?? {};
  return { name, environment, region: aws?.region ?? null, account: caller?.account ?? null };
}
