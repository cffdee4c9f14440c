import { existsSync } from "node:fs";
import path from "node:path";
import type { Aws } from "./aws/aws.ts";
import type { Caller } from "./aws/connect.ts";
import { checkedName } from "./config/checked-name.ts";
import { type LoadedConfig, loadConfig } from "./config/load.ts";
import type { Config } from "./config/schema.ts";
import { loadStackName } from "./config/stack-name.ts";
import { Failure } from "./failure.ts";
import type { RunRecord } from "./output/record.ts";
import type { Report } from "./progress.ts";
import type { SandboxRecord } from "./sandbox/record.ts";
import type { Stack } from "./stack.ts";

/** Options that every command takes. */
export interface CommonOptions {
  config?: string;
  name?: string;
  environment?: string;
  region?: string;
  profile?: string;
  sandbox?: boolean;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  yes?: boolean;
  /** Minutes after which the command ends, done or not. */
  timeout?: number;
  /** The file that takes a trace of the run. */
  trace?: string;
  color?: boolean;
}

/** What a command works with, however it was called. */
export interface Context {
  options: CommonOptions;
  report: Report;
  /** What ran when, up to now. */
  record: RunRecord;
  /** Asks a person; throws a `Failure` where there is nobody to ask. */
  ask: Ask;
  /** Aborted by the first Ctrl-C: stop starting, finish what is in flight. */
  stop: AbortSignal;
  /** Aborted by the second: wait for nothing. */
  kill: AbortSignal;
  /** Prints a result of several: with --json the document on a line of its own, else the text. */
  emit(document: object, text: string): void;
  /**
   * From now on the command only shows what there is until it is interrupted: it then ends at once and without a word, as
   * it does when nobody reads its stdout any more. Gives what ends it.
   */
  follows(): AbortSignal;
  /** The same, while a program has the terminal: Ctrl-C and its like are for that, as it is on the other end. */
  lendsTerminal(): AbortSignal;
}

export interface Ask {
  /** Whether the person says yes. */
  confirm(question: string, about?: string): Promise<boolean>;
  /** Whether the person types exactly `word`. */
  typed(question: string, word: string, about?: string): Promise<boolean>;
}

/** A stack and the account it lives in, opened. */
export interface Session {
  stack: Stack;
  aws: Aws;
  /**
   * The account's 12 digits, checked against the config's `accountId`; AWS is asked, once, unless `seen` holds an ARN of
   * the account. Rejects when the credentials are not good.
   */
  account(seen?: Iterable<{ id: string }>): Promise<string>;
  /** Who calls; asks AWS, once. */
  caller(): Promise<Caller>;
  sandbox: SandboxRecord | undefined;
}

/** Opens the stack of a config; every check that needs no AWS is made first. */
export async function openConfigured(context: Context): Promise<Session & { loaded: LoadedConfig }> {
  const { options, report } = context;
  const loaded = await loadConfig(options.config ?? "config.json", options);
  for (const text of loaded.warnings) report({ type: "warning", text });
  const { config, source } = loaded;
  const { trace } = options;
  if (trace !== undefined && source?.files.some((file) => path.join(source.root, file.path) === path.resolve(trace)))
    throw traceInApp(trace);
  const session = await open(context, config, config.region, config.accountId);
  if (session.sandbox) settleIn(session.sandbox, config);
  return { ...session, loaded };
}

/** Gives a config what is the sandbox's own, whatever it says. */
export function settleIn({ vpcId, subnetIds }: SandboxRecord, config: Config): void {
  config.network = { vpcId, subnetIds: [...subnetIds] };
  config.image.os = "debian-12";
}

/** Whether --sandbox was given and no sandbox runs: then nothing can be deployed in it, and none is started to see that. */
export async function isSandboxDown({ options }: Context): Promise<boolean> {
  if (!options.sandbox) return false;
  const { findSandbox, sandboxId } = await import("./sandbox/running.ts");
  return (await findSandbox(sandboxId())) === undefined;
}

/** The stack that --name or the config names, without opening it. */
export async function nameStack({
  options,
}: Context): Promise<
  Stack & { region?: string | undefined; accountId?: string | undefined; deletionProtection?: boolean }
> {
  const { name, environment, config } = options;
  if (name !== undefined) return checkedName(name, environment ?? "dev");
  return await loadStackName(config ?? "config.json", environment);
}

/** Opens a stack by `--name`, or by the name in a config of which nothing else has to be right. */
export async function openNamed(context: Context): Promise<Session> {
  const { name, environment, region, accountId } = await nameStack(context);
  return await open(context, { name, environment }, region, accountId);
}

/** Opens a region of an account for a look at all stacks: that of the config, where no --name stands in its place and one is there. */
export async function openAll(context: Context): Promise<Omit<Session, "stack">> {
  const { name, environment, config = "config.json" } = context.options;
  const isNeeded = config !== "config.json" || existsSync(config);
  const { region, accountId } = name === undefined && isNeeded ? await loadStackName(config, environment) : {};
  return await openRegion(context, region, accountId);
}

/** Opens the account and region that the options, or else `region`, lead to; no stack is named yet. */
export async function openAccount(
  { options, report }: Context,
  region?: string,
): Promise<Pick<Session, "aws" | "caller" | "sandbox">> {
  const sandbox = options.sandbox ? await enterSandbox(report) : undefined;
  const { connect } = await import("./aws/connect.ts");
  const { aws, caller } = await connect(
    sandbox ? { region: sandbox.region } : { region: options.region ?? region, profile: options.profile },
  );
  if (aws.endpoint && !sandbox) report({ type: "note", text: `AWS endpoint: ${aws.endpoint}` });
  return { aws, caller, sandbox };
}

async function open(
  context: Context,
  { name, environment }: Stack,
  region: string | undefined,
  accountId: string | undefined,
): Promise<Session> {
  return { stack: { name, environment }, ...(await openRegion(context, region, accountId)) };
}

async function openRegion(
  context: Context,
  region: string | undefined,
  accountId: string | undefined,
): Promise<Omit<Session, "stack">> {
  const { aws, caller, sandbox } = await openAccount(context, region);
  const check = (id: string) => {
    if (accountId && !sandbox && id !== accountId) throw wrongAccount(id, accountId);
    return id;
  };
  return {
    aws,
    account: async (seen = []) => check(accountAmong(seen) ?? (await caller()).account),
    caller,
    sandbox,
  };
}

/** The account in the first ARN (IAM user guide, "Amazon Resource Names"). */
function accountAmong(seen: Iterable<{ id: string }>): string | undefined {
  for (const { id } of seen) {
    const account = /^arn:[^:]+:[^:]+:[^:]*:(\d{12}):/.exec(id)?.[1];
    if (account) return account;
  }
  return undefined;
}

/** Starts the sandbox where it is not running, and points every AWS setting of this process at it. */
async function enterSandbox(report: Report): Promise<SandboxRecord> {
  const { openSandbox, sandboxId } = await import("./sandbox/running.ts");
  const record = await openSandbox({ id: sandboxId(), report });
  await pointAt(record);
  return record;
}

/** Points every AWS setting of this process at a sandbox. */
export async function pointAt(record: SandboxRecord): Promise<void> {
  const { sandboxEnvironment } = await import("./sandbox/environment.ts");
  for (const name of Object.keys(process.env).filter((key) => key.startsWith("AWS_"))) delete process.env[name];
  Object.assign(process.env, sandboxEnvironment(record));
}

function traceInApp(file: string): Failure {
  return new Failure({
    code: "trace-in-app",
    message: `${file} lies in the app's folder and would become part of the app.`,
    reason: "It would be another release with each run.",
    fix: "Choose a place outside app.path, or name the file in app.exclude.",
  });
}

export function wrongAccount(got: string, wanted: string): Failure {
  return new Failure({
    code: "wrong-account",
    message: `These credentials are for account ${got}; the config is for ${wanted}.`,
    reason: "The config's accountId allows that account alone.",
    fix: "Choose a profile of that account with --profile or AWS_PROFILE, or mend accountId in the config.",
  });
}

/** A file as a person reads it: relative where that is shorter. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.length < file.length ? relative : file;
}
