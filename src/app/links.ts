import path from "node:path";
import type { AppFile } from "./files.ts";

/** A symlink of the app that leads to nothing in the release. */
export interface LostLink {
  path: string;
  target: string;
  /** Whether it leads out of the app's folder, by way of other links. */
  outside: boolean;
}

/** As many links as Linux follows on one way. */
const mostLinks = 40;

/** The symlinks among a release's files that do not lead, followed as the system follows them, to another of its files or folders. */
export function lostLinks(files: readonly AppFile[]): LostLink[] {
  const links = new Map(files.flatMap(({ path: file, target }) => (target === undefined ? [] : [[file, target]])));
  if (links.size === 0) return [];
  const there = new Set(["."]);
  for (const { path: file } of files) for (let at = file; !there.has(at); at = path.posix.dirname(at)) there.add(at);
  return [...links].flatMap(([link, target]) => {
    const end = follow(links, link);
    if (end !== undefined && there.has(end)) return [];
    return [{ path: link, target, outside: end === outside }];
  });
}

const outside = "..";

/** Where a path ends once all links on it are followed; undefined where they go round in a circle. */
function follow(links: ReadonlyMap<string, string>, start: string): string | undefined {
  const ahead = start.split("/").reverse();
  let at = ".";
  for (let followed = 0; ahead.length > 0; ) {
    const part = ahead.pop() ?? "";
    if (part === ".." && at === ".") return outside;
    const next = path.posix.join(at, part);
    const target = links.get(next);
    if (target === undefined) {
      at = next;
      continue;
    }
    if (++followed > mostLinks) return undefined;
    ahead.push(...target.split("/").reverse());
  }
  return at;
}
