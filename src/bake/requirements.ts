import { readFile } from "node:fs/promises";
import path from "node:path";

/** Where an app's requirements are: its folder, the files that belong to it, and the file that pip is given. */
export interface RequirementsSource {
  /** Absolute folder. */
  path: string;
  /** Relative POSIX paths; of a symlink also what it points to. */
  files: readonly { path: string; target?: string }[];
  requirements?: string | undefined;
}

/**
 * The files that pip reads for the requirements, sorted: the one that is named, those that it names in turn, and what
 * symlinks among them point to. A name within a symlink is looked for beside the link, as pip does.
 * Undefined where pip would read, or may read, anything else of the app: then it can only run where the app is.
 * The format is pip's own ("Requirements File Format", pip documentation).
 */
export async function requirementFiles({
  path: folder,
  files,
  requirements,
}: RequirementsSource): Promise<string[] | undefined> {
  const known = new Map(files.map((file) => [file.path, file.target]));
  const found = new Set<string>();
  const behind = new Set<string>();
  const open = requirements === undefined ? [] : [path.posix.normalize(requirements)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    if (!known.has(file)) return undefined;
    found.add(file);
    const linked = linkedFiles(known, file);
    if (!linked) return undefined;
    for (const each of linked) behind.add(each);
    for (const line of linesOf(await readFile(path.join(folder, file), "utf8"))) {
      const read = readsWhat(line);
      if (read === "other files") return undefined;
      if (read !== "nothing") open.push(path.posix.join(path.posix.dirname(file), read.file));
    }
  }
  return [...new Set([...found, ...behind])].sort();
}

/** What a symlink leads to, link after link to the file; nothing for a file; undefined where that is no file of the app, or behind a linked folder. */
function linkedFiles(known: ReadonlyMap<string, string | undefined>, link: string): string[] | undefined {
  const way: string[] = [];
  let [at, target] = [link, known.get(link)];
  while (target !== undefined) {
    at = path.posix.join(path.posix.dirname(at), target);
    if (!known.has(at) || way.includes(at)) return undefined;
    way.push(at);
    target = known.get(at);
  }
  return way;
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
