import { paginateDescribeLaunchTemplates } from "@aws-sdk/client-ec2";
import { readTags } from "../aws/tags.ts";
import type { Release } from "../documents.ts";
import { recordRun } from "../output/record.ts";
import { readInstances } from "../reach/instances.ts";
import { type CommonOptions, type Context, isSandboxDown, openNamed } from "../session.ts";
import { type Stack, stackKey } from "../stack.ts";
import type { Candidate } from "./sources.ts";

/** Seconds after the start of the process at which it gives up: somebody waits at the shell. */
function patience({ MULTIVAC_COMPLETION_SECONDS: told = "" }: NodeJS.ProcessEnv): number {
  return /^\d{1,3}(\.\d+)?$/.test(told) ? Number(told) : 2;
}

const questions = { names, environments, releases, images, instances };
export type Question = keyof typeof questions;

/** Asks AWS. Nothing where it cannot be asked, or does not answer soon. */
export async function askAws(what: Question, options: CommonOptions): Promise<Candidate[]> {
  const context = silent(options);
  const asking = isSandboxDown(context).then((down) => (down ? [] : questions[what](context)));
  const late = new Promise<Candidate[]>((resolve) => {
    setTimeout(resolve, patience(process.env) * 1000 - performance.now(), []);
  });
  return await Promise.race([asking.catch(() => []), late]);
}

/** A run that nobody sees. */
function silent(options: CommonOptions): Context {
  const { report, record } = recordRun(() => undefined);
  const nobody = async () => false;
  const { signal } = new AbortController();
  const ask = { confirm: nobody, typed: nobody };
  return {
    options,
    report,
    record,
    ask,
    stop: signal,
    kill: signal,
    emit: () => undefined,
    follows: () => signal,
    lendsTerminal: () => signal,
  };
}

async function names(context: Context): Promise<Candidate[]> {
  const all = await stacks(context, [{ Name: "tag-key", Values: ["multivac:name"] }]);
  return [...new Set(all.map(({ name }) => name))].map((value) => {
    const each = all.filter(({ name }) => name === value);
    return { value, about: each.map(({ environment }) => environment).join(", ") };
  });
}

async function environments(context: Context): Promise<Candidate[]> {
  const found = await stacks(context, [{ Name: "tag:multivac:name", Values: [context.options.name ?? ""] }]);
  return found.map(({ environment }) => ({ value: environment, about: "" }));
}

/** Stacks of the account and region: each has a launch template. */
async function stacks(context: Context, Filters: { Name: string; Values: string[] }[]): Promise<Stack[]> {
  // Which stack is opened does not matter: what counts is where AWS is.
  const { aws } = await openNamed({ ...context, options: { ...context.options, name: "any" } });
  const found = new Map<string, Stack>();
  for await (const { LaunchTemplates = [] } of paginateDescribeLaunchTemplates({ client: aws.ec2 }, { Filters })) {
    for (const { Tags } of LaunchTemplates) {
      const { "multivac:name": name = "", "multivac:environment": environment = "" } = readTags(Tags);
      found.set(stackKey({ name, environment }), { name, environment });
    }
  }
  return [...found.entries()].sort().map(([, stack]) => stack);
}

async function releases(context: Context): Promise<Candidate[]> {
  const all = await listReleases(context);
  return all.map(({ release, created, live }) => ({
    value: release,
    about: `${live ? "live, " : ""}${minuteOf(created)}`,
  }));
}

function minuteOf(created: string): string {
  return created.slice(0, 16).replace("T", " ");
}

async function images(context: Context): Promise<Candidate[]> {
  const all = await listReleases(context);
  return all.map(({ image, release, live }) => ({ value: image, about: `${live ? "live, " : ""}${release}` }));
}

async function listReleases(context: Context): Promise<Release[]> {
  const command = await import("../commands/releases.ts");
  return (await command.releases(context)).document.releases;
}

async function instances(context: Context): Promise<Candidate[]> {
  const { aws, stack } = await openNamed(context);
  const all = (await readInstances(aws, stack)).filter(({ state }) => state !== "terminated");
  return all.map(({ id, availabilityZone, release, state }) => ({
    value: id,
    about: `${state}, ${availabilityZone}, ${release}`,
  }));
}
