import { readFile } from "node:fs/promises";
import path from "node:path";

/** Where an app's requirements are: its folder, the files that belong to it, and the file that pip is given. */
export interface RequirementsSource {
  /** Absolute folder. */
  path: string;
  /** Relative POSIX paths. */
  files: readonly string[];
  requirements?: string | undefined;
}

/**
 * The files that pip reads for the requirements, sorted: the one that is named, and those that it names in turn.
 * Undefined where pip would read, or may read, anything else of the app: then it can only run where the app is.
 * The format is pip's own ("Requirements File Format", pip documentation).
 */
export async function requirementFiles({
  path: folder,
  files,
  requirements,
}: RequirementsSource): Promise<string[] | undefined> {
  const known = new Set(files);
  const found = new Set<string>();
  const open = requirements === undefined ? [] : [path.posix.normalize(requirements)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    if (!known.has(file)) return undefined;
    found.add(file);
    for (const line of linesOf(await readFile(path.join(folder, file), "utf8"))) {
      const read = readsWhat(line);
      if (read === "other files") return undefined;
      if (read !== "nothing") open.push(path.posix.join(path.posix.dirname(file), read.file));
    }
  }
  return [...found].sort();
}

/** The lines as pip takes them: continued ones joined, which a line that is a comment ends, without comments. */
function linesOf(text: string): string[] {
  const joined: string[] = [];
  let begun = "";
  for (const line of text.split(/\r?\n/)) {
    const isComment = /^\s*#/.test(line);
    if (line.endsWith("\\") && !isComment) {
      begun += line.replace(/\\+$/, "");
      continue;
    }
    joined.push(begun + (isComment ? " " : "") + line);
    begun = "";
  }
  return [...joined, begun].map((line) => line.replace(/(^|\s)#.*$/, "").trim()).filter(Boolean);
}

const address = /^[a-z][a-z0-9+.-]*:\/\//i;
const anyFile = /^file:/i;

/** What of this machine a line makes pip read. Whatever is not known to be nothing may be anything. */
function readsWhat(line: string): "nothing" | "other files" | { file: string } {
  const [, named] = /^(?:-r|-c|--requirement|--constraint)(?:\s+|\s*=\s*|(?<=^-[rc]))(\S+)$/.exec(line) ?? [];
  if (named) return isAddress(named) ? "nothing" : { file: named };
  const [, option, given = ""] = /^(-[a-zA-Z]|--[a-z-]+)(?:\s+|\s*=\s*|$)(.*)$/.exec(line) ?? [];
  if (option) return takesNoFile.has(option) || isAddress(given) ? "nothing" : "other files";
  if (isAddress(line)) return "nothing";
  const [wanted = "", at] = line.replace(/\s*;.*$/, "").split(/\s*@\s*/, 2);
  if (at !== undefined) return isAddress(at) ? "nothing" : "other files";
  const isName = /^[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*([<>=!~(].*)?(\s--hash\b.*)?$/.test(wanted);
  const isArchive = /\.(whl|zip|tar|tgz|tbz|tar\.\w+)$/i.test(wanted);
  return isName && !isArchive ? "nothing" : "other files";
}

function isAddress(text: string): boolean {
  return address.test(text) && !anyFile.test(text);
}

/** Options of a requirements file that name no file of this machine, whatever they are given. */
const takesNoFile = new Set([
  "-i",
  "--index-url",
  "--extra-index-url",
  "--no-index",
  "--no-binary",
  "--only-binary",
  "--prefer-binary",
  "--require-hashes",
  "--pre",
  "--trusted-host",
  "--use-feature",
]);
