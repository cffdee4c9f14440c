import { type FileHandle, writeFile } from "node:fs/promises";
import type { Report } from "../progress.ts";
import { type AnsibleFailure, watchAnsible } from "./ansible-failure.ts";
import { followLines } from "./follow.ts";
import { holdBack } from "./hold-back.ts";
import { openLog } from "./log.ts";
import { parseMessage, spokenText } from "./machine-readable.ts";
import { narrate } from "./narrate.ts";
import { type GroupResult, runGroup, type TimeLimits } from "./process-group.ts";
import type { Workspace } from "./workspace.ts";

/** What Packer is started with. */
export function buildArguments(workspace: Pick<Workspace, "template" | "templateVariables">): string[] {
  return ["build", "-machine-readable", `-var-file=${workspace.templateVariables}`, workspace.template];
}

export interface PackerRun {
  workspace: Workspace;
  env: Record<string, string>;
  logFile: string;
  limits: TimeLimits;
  stop: AbortSignal;
  kill: AbortSignal;
  /** Hears each line that Packer prints. */
  hear: (text: string) => void;
}

export interface PackerEnd {
  result: GroupResult;
  ansible: AnsibleFailure | undefined;
  packer: string | undefined;
}

/** Runs `packer build`; tells what it does while it does it, and writes all it says to the log. */
export async function runPacker(run: PackerRun, tell: (text: string) => void, report: Report): Promise<PackerEnd> {
  const log = await openLog(run.logFile);
  await writeFile(run.workspace.output, "");
  const ended = new AbortController();
  const unheard = new AbortController();
  const command = {
    program: "packer",
    args: buildArguments(run.workspace),
    env: run.env,
    folder: run.workspace.folder,
    output: run.workspace.output,
  };
  const held = holdBack(run.stop);
  const onStop = () => tell("interrupted; Packer takes down what it made");
  run.stop.addEventListener("abort", onStop, { once: true });
  const stop = AbortSignal.any([held.signal, unheard.signal]);
  const running = runGroup(command, run.limits, stop, run.kill).finally(() => ended.abort());
  // When the log cannot be written, the disk being full, Packer is not left to go on alone.
  const hear = (text: string) => {
    held.line(text);
    run.hear(text);
    report({ type: "detail", text });
  };
  const hearing = listen(run, log, ended.signal, tell, hear).catch((error) => {
    unheard.abort();
    throw error;
  });
  hearing.catch(() => {});
  try {
    const result = await running;
    return { result, ...(await hearing) };
  } finally {
    run.stop.removeEventListener("abort", onStop);
    await Promise.allSettled([hearing]);
    await log.close();
  }
}

async function listen(
  run: PackerRun,
  log: FileHandle,
  ended: AbortSignal,
  tell: (text: string) => void,
  hear: (text: string) => void,
) {
  const ansible = watchAnsible();
  let packer: string | undefined;
  let told: string | undefined;
  for await (const line of followLines(run.workspace.output, ended)) {
    const message = parseMessage(line);
    const text = message ? spokenText(message) : line;
    if (message?.type === "error") packer = message.data.join(", ").trim();
    if (text === undefined) continue;
    await log.write(`${new Date().toISOString()} ${text}\n`);
    hear(text);
    ansible.line(text);
    const now = narrate(text);
    if (now && now !== told && !run.stop.aborted) tell(now);
    told = now ?? told;
  }
  return { ansible: ansible.failure(), packer };
}
