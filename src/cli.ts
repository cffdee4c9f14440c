#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Outcome } from "./output/document.ts";
import type { CommonOptions, Context } from "./session.ts";

/** Commands load when they run: `--help` needs none of them. */
type Load = () => Promise<(context: Context, options: never, ...args: string[]) => Promise<Outcome>>;

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

export function program(run: typeof runCommand = runCommand): Command {
  const cli = new Command("multivac")
    .description("Puts a web application on AWS as immutable machines, from one JSON file.")
    .version(version)
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .showHelpAfterError("(multivac --help shows what there is)")
    .exitOverride()
    .addHelpText(
      "after",
      "\nExamples:\n  $ multivac deploy --sandbox     try it on this machine, without an AWS account\n  $ multivac deploy               bake, deploy, print the URL\n  $ multivac status\n  $ multivac destroy\n",
    );

  const add = (parent: Command, name: string, description: string, load: Load) => {
    const command = common(parent.command(name).description(description)).exitOverride();
    command.action(async (...args: unknown[]) => {
      const options = command.opts<CommonOptions>();
      await run(
        parent === cli ? name : `${parent.name()} ${name}`,
        options,
        load,
        args.slice(0, -2).filter((arg): arg is string => typeof arg === "string"),
      );
    });
    return command;
  };

  add(
    cli,
    "validate",
    "check the config alone, without AWS",
    async () => (await import("./commands/validate.ts")).validate,
  );
  add(cli, "plan", "show what deploy would do; change nothing", async () => (await import("./commands/plan.ts")).plan)
    .option("--out <file>", "save the plan, for deploy --plan")
    .option("--detailed-exitcode", "exit with 2 when there are changes")
    .option("--refresh-base", "plan for the newest image of the system, with all updates")
    .option("--image <ami>", "plan for this image instead of baking the app", amiId);
  locking(
    add(
      cli,
      "deploy",
      "bake unless it is baked, bring AWS to the config, print the URL",
      async () => (await import("./commands/deploy.ts")).deploy,
    ),
  )
    .option("--image <ami>", "deploy this image and bake nothing", amiId)
    .option("--plan <file>", "apply this saved plan without asking, or refuse where anything has changed since")
    .option("--no-wait", "return once AWS has accepted everything")
    .option("--refresh-base", "bake on the newest image of the system, with all updates")
    .option("--keep-failed-image", "keep the image of a release that fails, for a look");
  named(
    add(cli, "status", "show what is there and how it is", async () => (await import("./commands/status.ts")).status),
  );
  named(
    add(
      cli,
      "releases",
      "list the releases there are and which one is live",
      async () => (await import("./commands/releases.ts")).releases,
    ),
  );
  locking(
    named(
      add(
        cli,
        "rollback",
        "roll to an earlier release without a bake; default: the one before",
        async () => (await import("./commands/rollback.ts")).rollback,
      ),
    ),
  ).argument("[release]", "a release that multivac releases lists");
  waiting(
    named(add(cli, "abort", "roll back the deploy under way", async () => (await import("./commands/abort.ts")).abort)),
  );
  named(add(cli, "unlock", "free a dead holder's lock", async () => (await import("./commands/unlock.ts")).unlock));
  locking(
    named(
      add(
        cli,
        "destroy",
        "take down everything of the stack, then look again",
        async () => (await import("./commands/destroy.ts")).destroy,
      ),
    ),
  )
    .option("--keep-images", "keep the images and their snapshots")
    .option("--force", "take down what is protected against deletion too");
  add(cli, "schema", "print the JSON schema of the config", async () => (await import("./commands/schema.ts")).schema);

  const sandbox = cli.command("sandbox").description("the local sandbox: AWS on this machine").exitOverride();
  add(sandbox, "start", "start it", async () => (await import("./commands/sandbox.ts")).sandboxStart).option(
    "--no-machines",
    "the AWS API alone, without machines behind it",
  );
  add(
    sandbox,
    "stop",
    "take it down: machines, network, API, images",
    async () => (await import("./commands/sandbox.ts")).sandboxStop,
  ).option("--purge", "remove the cached base root too");
  add(
    sandbox,
    "status",
    "print endpoint, region, credentials, disk used",
    async () => (await import("./commands/sandbox.ts")).sandboxState,
  );
  add(
    sandbox,
    "faults",
    "let its AWS misbehave as a file says, or show how it does",
    async () => (await import("./commands/sandbox-faults.ts")).sandboxFaults,
  )
    .argument("[file]", "the faults, as JSON")
    .option("--seed <number>", "the seed of what is drawn at random; without a file, faults at random", seedNumber)
    .option("--clear", "take all faults off");
  return cli;
}

function common(command: Command): Command {
  return command
    .option("-c, --config <file>", "the config", "config.json")
    .option("-e, --environment <name>", "the environment, in place of the config's")
    .option("--json", "print one JSON document on stdout")
    .option("--quiet", "no progress")
    .option("--verbose", "more detail")
    .option("--yes", "do not ask")
    .option("--sandbox", "use the local sandbox instead of AWS")
    .option("--profile <name>", "the AWS profile")
    .option("--region <name>", "the AWS region, in place of the config's", regionName)
    .option("--no-color", "no colour")
    .helpOption("-h, --help", "show help");
}

/** Commands that wait for AWS. */
function waiting(command: Command): Command {
  return command.option("--timeout <minutes>", "end after so long, done or not, with exit code 3", minutes);
}

/** Commands that change the stack, one at a time. */
function locking(command: Command): Command {
  return waiting(command)
    .option("--wait-lock", "wait while somebody else changes the stack, instead of refusing")
    .option("--trace <file>", "write what ran when, with each call to AWS, for Perfetto or chrome://tracing");
}

/** Commands that work from tags need no config where the stack is named. */
function named(command: Command): Command {
  return command.addOption(new Option("--name <name>", "the stack's name, in place of a config"));
}

/** An empty value, like that of an unset variable, must not silently mean "none". */
function amiId(value: string): string {
  if (/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value)) return value;
  throw new InvalidArgumentError(`It must be an AMI id, like ami-0123456789abcdef0.`);
}

function regionName(value: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/.test(value)) return value;
  throw new InvalidArgumentError("It must be an AWS region, like ap-southeast-2.");
}

function minutes(value: string): number {
  if (/^\d{1,4}(\.\d+)?$/.test(value) && Number(value) > 0) return Number(value);
  throw new InvalidArgumentError("It must be minutes, like 30 or 0.5.");
}

function seedNumber(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It must be a whole number of at most 9 digits.");
}

async function runCommand(name: string, options: CommonOptions, load: Load, args: string[]): Promise<void> {
  const { run } = await import("./run.ts");
  process.exitCode = await run(name, options, load as never, args);
}

/** Parses the command line. A wrong call exits with 1, as JSON where that was asked for. */
async function main(): Promise<void> {
  try {
    const cli = program();
    if (process.argv.includes("--json")) silenceErrors(cli);
    await cli.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    if (error.exitCode === 0 || !process.argv.includes("--json")) return;
    const message = error.message.replace(/^error: /, "");
    const document = {
      version: 1,
      error: { code: "wrong-call", message, fix: "multivac --help shows what there is." },
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  }
}

function silenceErrors(command: Command): void {
  command.configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) silenceErrors(child);
}

await main();
