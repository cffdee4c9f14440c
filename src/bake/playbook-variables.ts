import type { BakeOrder } from "./order.ts";

/** The playbook's variables, as a YAML file for `--extra-vars`. */
export function playbookVariables(
  order: BakeOrder,
  archive: string,
  commandFile: string,
  { requirementsArchive = "", baseKept = "" }: { requirementsArchive?: string; baseKept?: string } = {},
): string {
  const { app } = order;
  const lines = [
    `base_timezone: ${text(order.timezone)}`,
    `app_archive: ${text(archive)}`,
    `app_module: ${text(app.module ?? "")}`,
    `app_command_file: ${text(app.command === undefined ? "" : commandFile)}`,
    `app_requirements: ${text(app.requirements ?? "")}`,
    `app_requirements_archive: ${text(app.requirementFiles?.length ? requirementsArchive : "")}`,
    `base_kept: ${text(order.keepBase ? baseKept : "")}`,
    `app_packages: [${app.packages.map(text).join(", ")}]`,
  ];
  return `${lines.join("\n")}\n`;
}

/** A YAML string that Ansible takes as it is, also with `{{` in it; ASCII alone, since YAML knows fewer characters than JSON. */
function text(value: string): string {
  const quoted = JSON.stringify(value).replace(
    /[^ -~]/gu,
    (character) => `\\U${character.codePointAt(0)?.toString(16).padStart(8, "0")}`,
  );
  return `!unsafe ${quoted}`;
}
