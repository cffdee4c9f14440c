import { Argument, Option } from "commander";
import { looking } from "../looking.ts";
import type { Add } from "./add.ts";
import { examples } from "./examples.ts";
import { roleName, words } from "./options.ts";

/** What comes before a stack is there. */
export function addBeginning(add: Add): void {
  add(
    "init",
    "write a config from what is in this folder and on AWS",
    async () => (await import("../commands/init.ts")).init,
    (init) =>
      examples(
        init
          .option("--name <name>", "the stack's name")
          .option("--app <folder>", "where the app is looked for; default: the config's folder")
          .addOption(new Option("--module <module:name>", "the app's WSGI or ASGI callable").conflicts("command"))
          .option("--command <command>", "what serves on $PORT, for /bin/sh in the app's folder")
          .addOption(new Option("--starter", "bring an app to start with").conflicts(["module", "command"]))
          .option("--requirements <file>", "the app's pip requirements file")
          .option("--packages <names>", "packages of the operating system, parted by commas", words)
          .addOption(
            new Option("--os <system>", "the image's system").choices([
              "amazon-linux-2023",
              "ubuntu-24.04",
              "debian-12",
            ]),
          )
          .option("--health-path <path>", "the path that answers 200")
          .option("--vpc <id>", "the VPC")
          .option("--subnets <ids>", "two or more public subnets, each in another zone, parted by commas", words)
          .option("--instance-type <type>", "the instance type")
          .option("--github", "write workflows for GitHub Actions; where a config is there, for that")
          .option("--force", "replace files that are there"),
        [
          ["answer what cannot be found out", "multivac init"],
          ["take what is proposed", "multivac init --yes"],
          ["for the sandbox, without an AWS account", "multivac init --sandbox --yes"],
          ["name the app, where it is none that is known", "multivac init --command ./serve"],
          ["plan on pull requests, deploy from main and tags", "multivac init --github"],
        ],
      ),
  );
  add(
    "doctor",
    "check that everything a deploy needs is there and allowed",
    async () => looking((await import("../commands/doctor.ts")).doctor),
    (doctor) =>
      examples(doctor, [
        ["before a first deploy", "multivac doctor"],
        ["of the sandbox, as one JSON document", "multivac doctor --sandbox --json"],
      ]),
  );
  add("validate", "check the config alone, without AWS", async () =>
    looking((await import("../commands/validate.ts")).validate),
  );
  add("schema", "print the JSON schema of the config", async () => (await import("../commands/schema.ts")).schema);
  add(
    "policy",
    "print the least IAM policies for this config; all others come on top of read's",
    async () => (await import("../commands/policy.ts")).policy,
    (policy) =>
      policy.option("--role <name>", "the role in instances.instanceProfile, where it has another name", roleName),
  ).addArgument(new Argument("[part]", "one of them").choices(["read", "deploy", "destroy", "shell", "old-packer"]));
  add(
    "completion",
    "print a script that completes commands, options and their values",
    async () => (await import("../commands/completion.ts")).completion,
    (completion) =>
      examples(completion, [
        [
          "install it for good",
          "mkdir -p ~/.local/share/bash-completion/completions",
          "multivac completion bash > ~/.local/share/bash-completion/completions/multivac",
          `multivac completion zsh > "\${fpath[1]}/_multivac"`,
          "multivac completion fish > ~/.config/fish/completions/multivac.fish",
        ],
        ["or try it in this shell", "source <(multivac completion bash)", "multivac completion fish | source"],
      ]),
  ).addArgument(new Argument("<shell>", "the shell it is for").choices(["bash", "zsh", "fish"]));
}
