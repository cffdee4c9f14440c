import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

export interface AptSourceFile {
  path: string;
  text: string;
}

export interface AptSources {
  files: AptSourceFile[];
  uris: URL[];
  /** Absolute paths of the keyrings that the sources name. */
  keyrings: string[];
}

/** The package sources of this host, from every form of file apt reads below `folder` (as `/etc/apt`). */
export async function readAptSources(folder: string): Promise<AptSources> {
  const listed = (await readdir(join(folder, "sources.list.d")).catch(() => [])).sort();
  const names = ["sources.list", ...listed.filter((name) => /\.(list|sources)$/.test(name)).map(inParts)];
  const files: AptSourceFile[] = [];
  const uris = new Set<string>();
  const keyrings = new Set<string>();
  for (const name of names) {
    const path = join(folder, name);
    const text = await readFile(path, "utf8").catch(() => "");
    const entries = path.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text);
    if (entries.length === 0) continue;
    files.push({ path, text });
    for (const entry of entries) {
      for (const uri of entry.uris) uris.add(uri);
      for (const key of entry.signedBy) if (key.startsWith("/")) keyrings.add(key);
    }
  }
  return {
    files,
    uris: [...uris].filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri)),
    keyrings: [...keyrings],
  };
}

/** The name a source file has in a machine: every one goes to `sources.list.d`. */
export function nameInMachine(file: AptSourceFile): string {
  return basename(file.path) === "sources.list" ? "host.list" : basename(file.path);
}

interface Entry {
  uris: string[];
  signedBy: string[];
}

/** Entries like `deb [signed-by=/path arch=amd64] URI suite component`. */
function parseOneLine(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(\S+)/.exec(line);
    if (!match) continue;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(match[1] ?? "")?.[1]?.split(",") ?? [];
    entries.push({ uris: [match[2] ?? ""], signedBy });
  }
  return entries;
}

/** Stanzas of `Field: value` lines with continuation lines, parted by empty lines. */
function parseDeb822(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const stanza of text.split(/\n[ \t]*\n/)) {
    const fields = new Map<string, string>();
    let current = "";
    for (const line of stanza.split("\n")) {
      if (line.startsWith("#")) continue;
      const field = /^([\w-]+):(.*)$/.exec(line);
      if (field) current = (field[1] ?? "").toLowerCase();
      if (current) fields.set(current, `${fields.get(current) ?? ""} ${field ? field[2] : line}`);
    }
    const words = (name: string) => (fields.get(name) ?? "").split(/\s+/).filter(Boolean);
    if (words("uris").length === 0 || words("enabled")[0]?.toLowerCase() === "no") continue;
    entries.push({ uris: words("uris"), signedBy: words("signed-by") });
  }
  return entries;
}

function inParts(name: string): string {
  return join("sources.list.d", name);
}
