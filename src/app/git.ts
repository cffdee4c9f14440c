export interface Commit {
  /** The full hash. */
  commit: string;
  /** Whether the folder holds anything that the commit does not. */
  dirty: boolean;
}

/** The commit that a folder stands at; undefined where git cannot tell: no git, no work tree, no commit, no answer in time. */
export async function readCommit(folder: string): Promise<Commit | undefined> {
  const [head, changes] = await Promise.all([
    git(folder, "rev-parse", "HEAD"),
    git(folder, "status", "--porcelain", "--", "."),
  ]);
  if (head === undefined || changes === undefined || !/^[0-9a-f]{40}$/.test(head)) return undefined;
  return { commit: head, dirty: changes !== "" };
}

/** A git hook's own variables would lead to another repository than the folder's. */
const env = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
  GIT_OPTIONAL_LOCKS: "0",
};

async function git(folder: string, ...args: string[]): Promise<string | undefined> {
  // Loaded while AWS is asked, not before.
  const { execa } = await import("execa");
  const { failed, stdout } = await execa("git", ["-C", folder, ...args], {
    env,
    reject: false,
    stdin: "ignore",
    timeout: 5000,
  });
  return failed ? undefined : stdout.trim();
}

/**
 * The root of the work tree that a folder lies in, and the repository on GitHub that its `origin` is, as `owner/name`; each
 * undefined where git does not tell.
 */
export async function repositoryOf(folder: string): Promise<{ root: string | undefined; name: string | undefined }> {
  const [root, origin] = await Promise.all([
    git(folder, "rev-parse", "--show-toplevel"),
    git(folder, "remote", "get-url", "origin"),
  ]);
  const name = /[/:@]github\.com[/:]([\w.-]+\/[\w.-]+?)(\.git)?\/?$/.exec(origin ?? "")?.[1];
  return { root: root || undefined, name };
}
