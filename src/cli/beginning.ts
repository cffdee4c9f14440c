import { Argument } from "commander";
import type { Add } from "./add.ts";

/** What comes before a stack is there. */
export function addBeginning(add: Add): void {
  add(
    "doctor",
    "check that everything a deploy needs is there and allowed",
    async () => (await import("../commands/doctor.ts")).doctor,
  );
  add(
    "validate",
    "check the config alone, without AWS",
    async () => (await import("../commands/validate.ts")).validate,
  );
  add("schema", "print the JSON schema of the config", async () => (await import("../commands/schema.ts")).schema);

  add(
    "completion",
    "print a script that completes commands, options and their values",
    async () => (await import("../commands/completion.ts")).completion,
  )
    .addArgument(new Argument("<shell>", "the shell it is for").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", installing);
}

const installing = `
Install it for good:
  $ multivac completion bash > ~/.local/share/bash-completion/completions/multivac
  $ multivac completion zsh > "\${fpath[1]}/_multivac"
  $ multivac completion fish > ~/.config/fish/completions/multivac.fish

Or try it in this shell:
  $ source <(multivac completion bash)
  $ multivac completion fish | source
`;
