import { type Command, InvalidArgumentError, Option } from "commander";

/** The heading of what every command takes, in its help. */
export const onEveryCommand = "On every command:";

/** Options that every command takes. */
export function common(command: Command): Command {
  return command
    .optionsGroup(onEveryCommand)
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
    .helpOption("-h, --help", "show help")
    .optionsGroup("Options:");
}

/** Commands that wait for AWS. */
export function waiting(command: Command): Command {
  return command.option("--timeout <minutes>", "end after so long, done or not, with exit code 3", minutes);
}

/** Commands that change the stack, one at a time. */
export function locking(command: Command): Command {
  return waiting(command)
    .option("--wait-lock", "wait while somebody else changes the stack, instead of refusing")
    .option("--trace <file>", "write what ran when, with each call to AWS, for Perfetto or chrome://tracing");
}

/** Commands that work from tags need no config where the stack is named. */
export function named(command: Command): Command {
  return command.addOption(new Option("--name <name>", "the stack's name, in place of a config"));
}

/** Commands that reach an instance. */
export function reaching(command: Command, ways: readonly string[]): Command {
  return named(command)
    .addOption(new Option("--way <way>", "how to reach an instance; default: the best there is").choices(ways))
    .option("--user <name>", "whom SSH logs in as; default: the user of the image's system")
    .option("--identity <file>", "the private key for SSH; default: your agent's, and ~/.ssh/<key pair>");
}

/** An empty value, like that of an unset variable, must not silently mean "none". */
export function amiId(value: string): string {
  if (/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(value)) return value;
  throw new InvalidArgumentError(`It must be an AMI id, like ami-0123456789abcdef0.`);
}

/** A list that may be parted by commas, spaces or both. */
export function words(value: string): string[] {
  const found = value.split(/[\s,]+/).filter(Boolean);
  if (found.length > 0) return found;
  throw new InvalidArgumentError("It must not be empty.");
}

function regionName(value: string): string {
  if (/^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/.test(value)) return value;
  throw new InvalidArgumentError("It must be an AWS region, like ap-southeast-2.");
}

function minutes(value: string): number {
  if (/^\d{1,4}(\.\d+)?$/.test(value) && Number(value) > 0) return Number(value);
  throw new InvalidArgumentError("It must be minutes, like 30 or 0.5.");
}

export function intervalOption(): Option {
  const option = new Option("--interval <seconds>", "watch, with so long between two looks; default: 5");
  return option.argParser(seconds).implies({ watch: true });
}

/** Looks that follow each other faster could have AWS throttle others of the account. */
function seconds(value: string): number {
  if (/^\d{1,5}(\.\d+)?$/.test(value) && Number(value) >= 1) return Number(value);
  throw new InvalidArgumentError("It must be seconds, at least 1.");
}

export function lineCount(value: string): number {
  if (/^\d{1,7}$/.test(value) && Number(value) > 0) return Number(value);
  throw new InvalidArgumentError("It must be a whole number, like 100.");
}

export function seedNumber(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It must be a whole number of at most 9 digits.");
}

/** IAM's names, with a path (IAM API reference, CreateRole). */
export function roleName(value: string): string {
  if (/^([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/.test(value)) return value;
  throw new InvalidArgumentError("It must be the name of an IAM role, its path before it, like app or web/app.");
}
