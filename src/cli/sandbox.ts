import type { Command } from "commander";
import { addTo, type RunCommand } from "./add.ts";
import { examples } from "./examples.ts";
import { seedNumber } from "./options.ts";

/** The sandbox's own commands; `words` are those of `program`. */
export function addSandbox(cli: Command, run: RunCommand, words: readonly string[] | undefined): void {
  const sandbox = cli.command("sandbox").description("the local sandbox: AWS on this machine").helpCommand(false);
  const add = addTo<"sandbox ">(sandbox, run, words);
  add(
    "start",
    "start it",
    async () => (await import("../commands/sandbox.ts")).sandboxStart,
    (start) => start.option("--no-machines", "the AWS API alone, without machines behind it"),
  );
  add(
    "stop",
    "take it down: machines, network, API, images",
    async () => (await import("../commands/sandbox.ts")).sandboxStop,
    (stop) => stop.option("--purge", "remove the cached base root too"),
  );
  add(
    "status",
    "print endpoint, region, credentials, disk used",
    async () => (await import("../commands/sandbox.ts")).sandboxState,
  );
  add(
    "faults",
    "let its AWS misbehave as a file says, or show how it does",
    async () => (await import("../commands/sandbox-faults.ts")).sandboxFaults,
    (faults) =>
      examples(
        faults
          .option(
            "--seed <number>",
            "the seed of what is drawn at random; without a file, faults at random",
            seedNumber,
          )
          .option("--clear", "take all faults off"),
        [
          ["those of a file, which docs/sandbox.md explains", "multivac sandbox faults faults.json"],
          ["at random, the same ones for the same seed", "multivac sandbox faults --seed 7"],
          ["none any more", "multivac sandbox faults --clear"],
        ],
      ),
  ).argument("[file]", "the faults, as JSON");
}
