import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeployDocument } from "../../src/documents.ts";
import { foldersOf } from "../../src/sandbox/folders.ts";
import { missingPrerequisites } from "../../src/sandbox/prerequisites.ts";
import { goodConfig, writeConfig } from "../command-line.ts";
import { quick as quickChecks } from "../live-site.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { median } from "./samples.ts";
import { folderOf } from "./tools.ts";

/** One deploy on real machines, in seconds. */
interface Deployed {
  /** From the change of a file until the URL answers with it; not of a first deploy, which tells its URL at its end. */
  page?: number;
  /** Until the deploy has ended. */
  seconds: number;
  /** What its tasks took. */
  tasks: Record<string, number>;
}

export interface OnMachines {
  first: Deployed;
  changed: Deployed[];
  refreshed: Deployed;
}

/** Why there is nothing. */
export interface LeftOut {
  leftOut: string;
}

/** What a change may take until the page shows it. */
const targetSeconds = 8;

/** How often the page is asked for, in milliseconds. */
const askEvery = 50;

/**
 * Deploys the example app with real bakes on real machines, changes a line of it a few times, and once takes the newest
 * system besides, so that both layers are baked. Says why not where the sandbox has no machines.
 */
export async function changeOnMachines({
  quick,
  say,
}: {
  quick: boolean;
  say: (text: string) => void;
}): Promise<OnMachines | LeftOut> {
  const id = "bench-machines";
  const { cache: cacheFolder } = foldersOf(`test-${id}`);
  const missing = await missingPrerequisites({ machines: true, cacheFolder, environment: process.env });
  if (missing.length > 0) return leftOut(say, missing.map(({ what, why }) => `${what} is missing (${why})`).join("; "));
  let aws: TestSandbox | undefined;
  try {
    aws = await startSandbox(id, { machines: true });
    return await deploys(aws, quick ? 1 : 3, say);
  } catch (error) {
    return leftOut(say, (error as Error).message.trim().split("\n")[0] ?? "");
  } finally {
    await aws?.stop();
  }
}

function leftOut(say: (text: string) => void, why: string): LeftOut {
  say(`left out: real machines: ${why}`);
  return { leftOut: why };
}

async function deploys(aws: TestSandbox, changes: number, say: (text: string) => void): Promise<OnMachines> {
  // What a deploy may do is another matter, and looked at in every call.
  aws.leastPolicies = false;
  const cwd = await folderOf("machines");
  await writeConfig(cwd, { app: goodConfig.app, loadBalancer: quickChecks });
  const file = path.join(cwd, "app/tiny_app.py");
  const code = await readFile(file, "utf8");
  let url = "";

  const deploy = async (what: string, options: string[] = [], heading?: string): Promise<Deployed> => {
    const begin = performance.now();
    const since = () => (performance.now() - begin) / 1000;
    if (heading) await writeFile(file, code.replace("It works.", heading));
    const ended = new AbortController();
    const seen = heading ? shows(url, heading, ended.signal).then(since) : undefined;
    const ran = await aws.run(["deploy", "--yes", "--json", ...options], { cwd });
    const seconds = since();
    if (ran.code !== 0) {
      ended.abort();
      await seen?.catch(() => undefined);
      throw new Error(`${what}: ${ran.json().error?.message}`);
    }
    const document = ran.json() as unknown as DeployDocument;
    url = document.url;
    const tasks = Object.fromEntries(document.timeline.map(({ name, start, end }) => [name, end - start]));
    const page = await seen;
    say(
      `real machines, ${what}: ${page === undefined ? "" : `page after ${page.toFixed(2)} s, `}${seconds.toFixed(2)} s`,
    );
    return { seconds, tasks, ...(page === undefined ? {} : { page }) };
  };

  const first = await deploy("first deploy");
  const changed: Deployed[] = [];
  for (let count = 1; count <= changes; count++)
    changed.push(await deploy(`changed line ${count}`, [], `It works, change ${count}.`));
  const refreshed = await deploy("changed line with --refresh-base", ["--refresh-base"], "It works, refreshed.");
  await rm(cwd, { recursive: true });
  return { first, changed, refreshed };
}

/** Asks for the page until it holds a text. */
async function shows(url: string, text: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const page = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) })
      .then((answer) => answer.text())
      .catch(() => "");
    if (page.includes(text)) return;
    await sleep(askEvery);
  }
}

/** Its part of docs/benchmark.md. */
export function onMachinesSection(result: OnMachines | LeftOut): string[] {
  const title = "## A changed line, on real machines";
  if ("leftOut" in result) return [title, `Left out: ${result.leftOut}.`, ""];
  const { first, changed, refreshed } = result;
  const tasks = ["image", "roll"];
  const row = (what: string, deployed: readonly Deployed[]) => {
    const of = (figure: (one: Deployed) => number | undefined) => {
      const all = deployed.flatMap((one) => figure(one) ?? []);
      return all.length > 0 ? `${median(all).toFixed(2)} s` : "";
    };
    const figures = [of(({ page }) => page), of(({ seconds }) => seconds)];
    return `| ${[what, ...figures, ...tasks.map((task) => of((one) => one.tasks[task]))].join(" | ")} |`;
  };
  return [
    title,
    `The app of \`templates/app\` in a sandbox with machines: Packer and Ansible bake in a machine that boots, the load balancer is haproxy, the health check asks every ${quickChecks.healthCheck.intervalSeconds} s. The URL is asked every ${askEvery} ms beside the deploy, from the change of the file on. ${changed.length === 1 ? "One change" : `Medians of ${changed.length} changes`}; the others once. With \`--refresh-base\` the system and the packages are baked again too: what a change takes without layers. AWS's own times for instances, images and load balancers are not in it.`,
    "",
    `| | new page after | deploy ends after | ${tasks.map((task) => `of it ${task}`).join(" | ")} |`,
    `|---|--:|--:|${tasks.map(() => "--:").join("|")}|`,
    row("first deploy, both layers", [first]),
    row("changed line", changed),
    `| target for a changed line | ${targetSeconds.toFixed(1)} s | ${tasks.map(() => "").join(" | ")} | |`,
    row("changed line with `--refresh-base`", [refreshed]),
    "",
  ];
}
