/** Why a task of the playbook failed. */
export interface AnsibleFailure {
  task: string;
  excerpt: string;
}

interface ModuleResult {
  msg?: unknown;
  stderr?: unknown;
  stdout?: unknown;
  module_stderr?: unknown;
}

const EXCERPT_LINES = 6;
const EXCERPT_LENGTH = 800;

/** Follows Ansible's output line by line; remembers the first task that failed and why. */
export function watchAnsible(): { line(text: string): void; failure(): AnsibleFailure | undefined } {
  let task = "";
  let failure: AnsibleFailure | undefined;
  return {
    line(text) {
      task = /^TASK \[(.*)\] \*+$/.exec(text)?.[1] ?? task;
      const found = /^(?:fatal|failed): \[[^\]]*\].*?=> (\{.*)$/s.exec(text);
      if (found?.[1]) failure ??= { task, excerpt: explain(found[1]) };
      const plain = /^ERROR! (.*)$/s.exec(text);
      if (plain?.[1]) failure ??= { task: task || "reading the playbook", excerpt: shorten(plain[1]) };
    },
    failure: () => failure,
  };
}

/** The module's message, or what its command printed last when the message says only that it failed. */
function explain(json: string): string {
  let result: ModuleResult;
  try {
    // Packer writes a line break and JSON's own `\n` in the same way; here every one of them is JSON's.
    result = JSON.parse(json.replaceAll("\n", "\\n").replaceAll("\r", "\\r"));
  } catch {
    return shorten(json);
  }
  const message = asText(result.msg);
  const printed = asText(result.stderr) || asText(result.module_stderr) || asText(result.stdout);
  const saysNothing = message === "" || /^(non-zero return code|MODULE FAILURE)/.test(message);
  return shorten(saysNothing && printed ? printed : message || json);
}

function asText(value: unknown): string {
  if (typeof value === "string") return value.trim();
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** The last lines that are not mere warnings: programs say at the end why they stop. */
function shorten(text: string): string {
  const all = text.trimEnd().split("\n");
  const telling = all.filter((line) => !/^\s*(WARNING|W:)/.test(line));
  const lines = (telling.length > 0 ? telling : all).slice(-EXCERPT_LINES).join("\n");
  return lines.length > EXCERPT_LENGTH ? `…${lines.slice(-EXCERPT_LENGTH)}` : lines;
}
