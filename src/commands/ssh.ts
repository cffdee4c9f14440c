import { constants } from "node:os";
import { execa } from "execa";
import { pauseFor } from "../aws/wait.ts";
import { placeOf } from "../deploy/prepare.ts";
import { notDeployed } from "../deploy/standing.ts";
import type { SshDocument } from "../documents.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../output/document.ts";
import { quoted } from "../quoted.ts";
import { isUp, readInstances, type StackInstance, theInstance } from "../reach/instances.ts";
import { keptCharacters, type Ran, sessionProgram } from "../reach/ssm.ts";
import { firstWay, forgetGone, noWayIn, openWays, type WayName, type WayOptions, type Ways } from "../reach/ways.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed, type Session } from "../session.ts";
import { stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

type Options = CommonOptions & WayOptions;

/**
 * Opens a shell on an instance, or runs the command that stands after `--`; ends with its exit code. One word is a line of
 * the instance's shell, several are a program and its arguments.
 */
export async function ssh(context: Context, options: Options, ...words: string[]): Promise<Outcome<SshDocument>> {
  const { wanted, command } = splitWords(words, process.argv);
  if (options.json && command === undefined) throw wrongCall("A shell has no result to print as JSON.");
  if (await isSandboxDown(context)) {
    const stack = await nameStack(context);
    throw notDeployed(stack, commandLine("deploy", context), "The sandbox is not running.");
  }
  const session = await openNamed(context);
  const [place, all] = await Promise.all([placeOf(session), readInstances(session.aws, session.stack)]);
  const instance = await choose(all, wanted, session, context);
  await forgetGone(session, all);
  const ways = openWays(session, options);
  const purpose = command === undefined ? "shell" : "output";
  const { way, closed } = await firstWay(ways, ways.order(purpose), instance, purpose);
  if (!way) {
    const deploy = commandLine("deploy", context);
    throw noWayIn(instance, closed, `Give what one of the ways lacks; where it is in the config, then run: ${deploy}`);
  }
  const ran = await enter({ context, session, ways, instance, command }, way);
  return {
    exitCode: ran.code,
    document: { stack: place, instance: instance.id, way, exitCode: ran.code, stdout: ran.stdout, stderr: ran.stderr },
    text: "",
  };
}

/** The instance that is named, and the command after `--`, which the parser does not tell apart. */
function splitWords(words: readonly string[], argv: readonly string[]) {
  const at = argv.indexOf("--");
  const count = at < 0 ? 0 : argv.length - at - 1;
  const [wanted, ...more] = words.slice(0, words.length - count);
  if (more.length) throw wrongCall(`${more.join(" ")} is too much.`);
  const after = words.slice(words.length - count);
  const [line] = after;
  return { wanted, command: after.length > 1 ? after.map(quoted).join(" ") : line };
}

function wrongCall(message: string): Failure {
  return new Failure({
    code: "wrong-call",
    message,
    fix: "Name an instance; a command to run there stands last, after --, as in `ssh i-0123456789abcdef0 -- uptime`.",
  });
}

/** The instance that is named, the only one, or the one that a person chooses. */
async function choose(
  all: readonly StackInstance[],
  wanted: string | undefined,
  { stack }: Session,
  context: Context,
): Promise<StackInstance> {
  if (wanted !== undefined) return theInstance(all, wanted, { stack, status: commandLine("status", context) });
  const up = all.filter(isUp);
  const [first, second] = up;
  if (!first) throw notDeployed(stack, commandLine("deploy", context), "It has no instances.");
  if (!second) return first;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Failure({
      code: "which-instance",
      message: `${stackKey(stack)} has ${up.length} instances.`,
      reason: up.map(lineOf).join("\n"),
      fix: `Name one: ${commandLine(`ssh ${first.id}`, context)}`,
    });
  }
  const { isCancel, select } = await import("@clack/prompts");
  const options = up.map((one) => ({ value: one.id, label: lineOf(one) }));
  const chosen = await select({ message: "Which instance?", options, output: process.stderr });
  if (isCancel(chosen)) {
    process.kill(process.pid, "SIGINT");
    await pauseFor(10_000, context.follows());
  }
  return up.find(({ id }) => id === chosen) ?? first;
}

function lineOf({ id, availabilityZone, release, state }: StackInstance): string {
  return [id, availabilityZone, release, state].join("  ");
}

interface Entering {
  context: Context;
  session: Session;
  ways: Ways;
  instance: StackInstance;
  command: string | undefined;
}

/** Runs it; what it writes goes to this process's own streams as it comes, or with --json comes back. */
async function enter({ context, session, ways, instance, command }: Entering, way: WayName): Promise<Ran> {
  const { options, report } = context;
  const stop = command === undefined && process.stdin.isTTY ? context.lendsTerminal() : context.follows();
  if (command === undefined) report({ type: "note", text: `${lineOf(instance)}, by ${way}` });
  if (way === "ssm" && command !== undefined) {
    const ran = await ways.ssm.run(instance.id, command, stop);
    if (ran.stdout.length >= keptCharacters)
      report({ type: "warning", text: `SSM keeps the first ${keptCharacters} characters of what a command writes.` });
    if (options.json) return ran;
    process.stderr.write(ran.stderr);
    process.stdout.write(ran.stdout);
    return ran;
  }
  const program =
    way === "ssm"
      ? sessionProgram(instance.id, { region: session.aws.region, profile: options.profile })
      : await ways.program(way as "ssh" | "machine", instance, { command, batch: options.json === true });
  const { file, args, env } = program;
  const ran = await execa(file, args, {
    ...(env ? { env, extendEnv: false } : {}),
    ...(options.json ? { stdin: "ignore" } : { stdio: "inherit" }),
    stripFinalNewline: false,
    reject: false,
    cancelSignal: stop,
  });
  stop.throwIfAborted();
  const { exitCode, signal, stdout, stderr } = ran as { stdout?: string; stderr?: string } & typeof ran;
  if (way === "ssh" && exitCode === 255) throw sshFailed(instance, stderr, context);
  const code = exitCode ?? 128 + (signal ? constants.signals[signal] : 1);
  return { code, stdout: stdout ?? "", stderr: stderr ?? "" };
}

/** OpenSSH ends with 255 where the connection fails (ssh(1), "EXIT STATUS"). */
function sshFailed({ id }: StackInstance, said: string | undefined, context: Context): Failure {
  return new Failure({
    code: "ssh-failed",
    message: `SSH to ${id} failed.`,
    reason:
      said?.trim() || "What ssh said stands above; a command that ends with 255 itself cannot be told from a failure.",
    fix: `Check that instances.sshFrom holds this machine's address, and that your agent or --identity has the private key of the key pair; or try: ${commandLine(`ssh ${id} --way ssm`, context)}`,
  });
}
