import { access, constants, lstat, readdir, readlink } from "node:fs/promises";
import path from "node:path";
import ignore from "ignore";
import { type LostLink, lostLinks } from "./links.ts";
import { secretsAmong } from "./secrets.ts";

/** Never part of a release: version control and its pipelines, environments, caches, local secrets. In gitignore syntax. */
export const builtInExcludes = [
  ".git",
  ".hg",
  ".svn",
  ".github",
  ".venv",
  "venv",
  "__pycache__",
  "*.py[co]",
  ".pytest_cache",
  ".mypy_cache",
  ".ruff_cache",
  ".tox",
  "node_modules",
  ".env",
  ".env.*",
  ".envrc",
  ".direnv",
  ".aws",
  ".ssh",
  ".netrc",
  ".npmrc",
  ".pypirc",
  "id_rsa*",
  "id_dsa*",
  "id_ecdsa*",
  "id_ed25519*",
  "*.tfstate*",
  ".terraform",
  ".DS_Store",
  ".idea",
  ".vscode",
  "*.swp",
] as const;

/** One file of a release. `path` is relative, with forward slashes. */
export interface AppFile {
  path: string;
  type: "file" | "symlink";
  executable: boolean;
  /** What a symlink points to. */
  target?: string;
}

export interface AppFiles {
  files: AppFile[];
  /** What lies in the folder and cannot be part of a release, with the reason. */
  refused: { path: string; why: string }[];
  /** Symlinks of the release that lead to nothing in it. */
  lost: LostLink[];
  /** Files that look like secrets, and that no exclude names by `!`. */
  secrets: string[];
}

/** How many entries of folders are looked at: a folder with more is not meant to be the app. */
const most = 200_000;

/** Lists exactly the files of a release, sorted by path in code unit order. Folders count only through their files. */
export async function listAppFiles(root: string, exclude: readonly string[]): Promise<AppFiles> {
  const matcher = ignore({ ignorecase: false })
    .add([...builtInExcludes])
    .add([...exclude]);
  const result: AppFiles = { files: [], refused: [], lost: [], secrets: [] };
  let seen = 0;
  await walk("");
  if (seen > most)
    return {
      ...result,
      files: [],
      refused: [{ path: ".", why: `it holds more than ${most.toLocaleString("en")} files` }],
    };
  result.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const links = lostLinks(result.files);
  result.lost = links.filter((link) => !link.outside);
  for (const { path: link, target } of links.filter((one) => one.outside)) refuseLink(link, target);
  const plain = result.files.filter(({ type }) => type === "file").map((file) => file.path);
  const looking = await secretsAmong(root, plain);
  // To ask of each file whether an exclude names it takes longer than to look at its name.
  result.secrets = looking.filter((file) => !matcher.test(file).unignored);
  return result;

  async function walk(folder: string): Promise<void> {
    const reading = readdir(path.join(root, folder), { withFileTypes: true, encoding: "buffer" });
    const entries = await orRefused(folder || ".", reading);
    if (!entries) return;
    seen += entries.length;
    if (seen > most) return;
    await Promise.all(
      entries.map(async (entry) => {
        const name = entry.name.toString();
        const relative = folder ? `${folder}/${name}` : name;
        if (!Buffer.from(name).equals(entry.name)) {
          result.refused.push({ path: relative, why: "its name is not UTF-8" });
          return;
        }
        if (matcher.ignores(entry.isDirectory() ? `${relative}/` : relative)) return;
        if (entry.isDirectory()) await walk(relative);
        else if (entry.isSymbolicLink()) await symlink(relative);
        else if (entry.isFile()) await file(relative);
        else result.refused.push({ path: relative, why: "it is neither a file, a folder nor a symbolic link" });
      }),
    );
  }

  async function file(relative: string): Promise<void> {
    const place = path.join(root, relative);
    const readable = async () => {
      const found = await lstat(place);
      // To ask of each file is a third of the whole time.
      const isPlain = (found.uid === process.getuid?.() ? found.mode & 0o400 : found.mode & 0o004) !== 0;
      if (!isPlain) await access(place, constants.R_OK);
      return found;
    };
    const found = await orRefused(relative, readable());
    if (found) result.files.push({ path: relative, type: "file", executable: (found.mode & 0o100) !== 0 });
  }

  async function symlink(relative: string): Promise<void> {
    const target = await orRefused(relative, readlink(path.join(root, relative)));
    if (target === undefined) return;
    const inside = path.posix.normalize(path.posix.join(path.posix.dirname(relative), target));
    if (path.posix.isAbsolute(target) || inside === ".." || inside.startsWith("../")) {
      refuseLink(relative, target);
      return;
    }
    result.files.push({ path: relative, type: "symlink", executable: false, target });
  }

  /** What was read; where it cannot be, it is refused. */
  async function orRefused<T>(relative: string, reading: Promise<T>): Promise<T | undefined> {
    try {
      return await reading;
    } catch (error) {
      result.refused.push({ path: relative, why: `it cannot be read (${(error as NodeJS.ErrnoException).code})` });
      return undefined;
    }
  }

  function refuseLink(link: string, target: string): void {
    result.refused.push({ path: link, why: `it is a symbolic link to ${target}, outside the folder` });
  }
}
