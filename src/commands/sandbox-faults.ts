import type { SandboxFaultsDocument } from "../documents.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../output/document.ts";
import { readAtMost } from "../read-at-most.ts";
import { findSandbox, sandboxId } from "../sandbox/running.ts";
import type { CommonOptions, Context } from "../session.ts";
import { commandLine } from "./hint.ts";

interface FaultsOptions extends CommonOptions {
  seed?: number;
  clear?: boolean;
}

type Faults = SandboxFaultsDocument["faults"];

/** Puts faults on in the running sandbox, in place of those before, or takes them off; shows what is on. */
export async function sandboxFaults(
  _context: Context,
  { seed, clear = false }: FaultsOptions,
  file?: string,
): Promise<Outcome<SandboxFaultsDocument>> {
  if (clear && (file !== undefined || seed !== undefined)) {
    throw new Failure({
      code: "wrong-call",
      message: "--clear goes with neither a file nor --seed.",
      reason: "It takes every fault off.",
      fix: "Give it alone: multivac sandbox faults --clear",
    });
  }
  const id = sandboxId();
  const record = await findSandbox(id);
  if (!record) throw notRunning(id);
  const body = await wanted(file, seed);
  const method = clear ? "DELETE" : body ? "POST" : "GET";
  const answer = await fetch(`${record.endpoint}/_multivac/faults`, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const told = (await answer.json()) as Faults & { error?: string };
  if (!answer.ok) throw invalid(file ?? "--seed", told.error);
  return { exitCode: 0, document: { sandbox: { id, state: "running" }, faults: told }, text: shown(id, told) };
}

/** The faults that a file and a seed ask for; undefined where neither is given. */
async function wanted(file: string | undefined, seed: number | undefined): Promise<object | undefined> {
  if (file === undefined) return seed === undefined ? undefined : { seed, random: { seed } };
  const document = await read(file);
  if (seed === undefined) return document;
  return { ...document, seed, ...("random" in document ? { random: { ...(document.random as object), seed } } : {}) };
}

async function read(file: string): Promise<object> {
  try {
    const document: unknown = JSON.parse((await readAtMost(file)).toString());
    if (typeof document === "object" && document !== null) return document;
    throw new Error("it holds no JSON object");
  } catch (error) {
    throw invalid(file, (error as Error).message);
  }
}

function shown(id: string, { rules, random, held }: Faults): string {
  if (rules.length === 0 && !random) return `No faults are on in the sandbox ${id}.`;
  const off = `Take them off: ${commandLine("sandbox faults", { options: {} })} --clear`;
  return [
    `Faults are on in the sandbox ${id}:`,
    ...rules.map(({ matched: _, fired, ...rule }) => `  ${JSON.stringify(rule)}  so far ${fired}`),
    ...(random
      ? [`  random, seed ${random.seed}, rate ${random.rate}: ${random.kinds.join(", ")}  so far ${random.fired}`]
      : []),
    ...held.map(({ service, action, when }) => `  held: ${service} ${action}, ${when} its effect`),
    off,
  ].join("\n");
}

function notRunning(id: string): Failure {
  return new Failure({
    code: "sandbox-not-running",
    message: `The sandbox ${id} is not running.`,
    reason: "Faults are put on in a sandbox that runs.",
    fix: "Start it with: multivac sandbox start",
  });
}

function invalid(file: string, reason: string | undefined): Failure {
  return new Failure({
    code: "faults-invalid",
    message: `${file} does not say which faults there shall be.`,
    reason,
    fix: "Mend it as docs/sandbox.md shows under Faults.",
  });
}
