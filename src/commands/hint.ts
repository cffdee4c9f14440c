import path from "node:path";
import { quoted } from "../quoted.ts";
import type { Context } from "../session.ts";

/** The command a person may type next, with the options that lead to the same stack. */
export function commandLine(command: string, { options }: Pick<Context, "options">): string {
  const { config, name, environment, region, profile, sandbox } = options;
  // What needs a config takes no name.
  const isNamed = name !== undefined && !/^(deploy|plan|validate)\b/.test(command);
  const flags = [
    sandbox && "--sandbox",
    isNamed ? `--name ${quoted(name)}` : config && config !== "config.json" && `--config ${quoted(config)}`,
    environment && `--environment ${environment}`,
    !sandbox && region && `--region ${region}`,
    !sandbox && profile && `--profile ${quoted(profile)}`,
  ];
  return [invoked(), command, ...flags].filter(Boolean).join(" ");
}

/** How this process was called, so that a hint can be typed as it stands. */
function invoked(): string {
  const script = process.argv[1] ?? "";
  if (path.basename(path.dirname(script)) === ".bin") return "npx multivac";
  return path.basename(script) === "multivac" ? "multivac" : `node ${quoted(path.relative(process.cwd(), script))}`;
}

export function hint(what: string, command: string, context: Pick<Context, "options">): string {
  return `${what}${commandLine(command, context)}`;
}
