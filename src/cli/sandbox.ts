import type { Command } from "commander";
import { addTo, type RunCommand } from "./add.ts";
import { seedNumber } from "./options.ts";

/** The sandbox's own commands. */
export function addSandbox(cli: Command, run: RunCommand): void {
  const add = addTo<"sandbox ">(
    cli.command("sandbox").description("the local sandbox: AWS on this machine").exitOverride(),
    run,
  );
  add("start", "start it", async () => (await import("../commands/sandbox.ts")).sandboxStart).option(
    "--no-machines",
    "the AWS API alone, without machines behind it",
  );
  add(
    "stop",
    "take it down: machines, network, API, images",
    async () => (await import("../commands/sandbox.ts")).sandboxStop,
  ).option("--purge", "remove the cached base root too");
  add(
    "status",
    "print endpoint, region, credentials, disk used",
    async () => (await import("../commands/sandbox.ts")).sandboxState,
  );
  add(
    "faults",
    "let its AWS misbehave as a file says, or show how it does",
    async () => (await import("../commands/sandbox-faults.ts")).sandboxFaults,
  )
    .argument("[file]", "the faults, as JSON")
    .option("--seed <number>", "the seed of what is drawn at random; without a file, faults at random", seedNumber)
    .option("--clear", "take all faults off");
}
