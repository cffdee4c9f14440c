import { readdir } from "node:fs/promises";
import path from "node:path";
import { packageRoot } from "../command-line.ts";

/** All pages of the repository, as paths from its root. */
export async function markdownFiles(): Promise<string[]> {
  const [root, docs] = await Promise.all(["", "docs"].map((folder) => readdir(path.join(packageRoot, folder))));
  return [...(root ?? []), ...(docs ?? []).map((name) => `docs/${name}`)].filter((name) => name.endsWith(".md")).sort();
}

/** What a page links to or shows within the repository, as paths from its root, with the anchor. */
export function linksOf(file: string, text: string): string[] {
  const links = [...withoutCode(text).matchAll(/\]\((?!https?:)([^)\s]+)/g)].map(([, link = ""]) => link);
  const sources = [...text.matchAll(/\b(?:src|srcset)="(?!https?:)([^"\s]+)"/g)].map(([, link = ""]) => link);
  return [...links, ...sources].map((link) =>
    link.startsWith("#") ? `${file}${link}` : path.posix.join(path.posix.dirname(file), link),
  );
}

/** The anchors of a page: its own, and those that GitHub makes of headings. */
export function placesOf(text: string): string[] {
  const headings = [...withoutBlocks(text).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = ""]) => heading);
  const own = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id);
  return [...own, ...headings.map(slug)];
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** A page without what it shows as code, where a bracket is no link. */
function withoutCode(text: string): string {
  return withoutBlocks(text).replaceAll(/`[^`\n]*`/g, "");
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^( {4}.*|```[\s\S]*?^```)$/gm, "");
}
