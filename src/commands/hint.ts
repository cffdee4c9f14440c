import type { Context } from "../session.ts";

/** The command a person may type next, with the options that lead to the same stack. */
export function commandLine(command: string, { options }: Pick<Context, "options">): string {
  const { config, name, environment, region, profile, sandbox } = options;
  const flags = [
    sandbox && "--sandbox",
    name !== undefined ? `--name ${name}` : config && config !== "config.json" && `--config ${config}`,
    environment && `--environment ${environment}`,
    !sandbox && region && `--region ${region}`,
    !sandbox && profile && `--profile ${profile}`,
  ];
  return ["multivac", command, ...flags].filter(Boolean).join(" ");
}

export function hint(what: string, command: string, context: Pick<Context, "options">): string {
  return `${what}${commandLine(command, context)}`;
}
