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

interface Repository {
  /** The root of the work tree. */
  root: string | undefined;
  /** What `origin` is on GitHub, as `owner/name`. */
  name: string | undefined;
  /** The default branch of `origin`, as far as it was cloned from there, else the one that is checked out. */
  branch: string | undefined;
}

/** The repository that a folder lies in; each part undefined where git does not tell. */
export async function repositoryOf(folder: string): Promise<Repository> {
  const [root, origin, originHead, head] = await Promise.all([
    git(folder, "rev-parse", "--show-toplevel"),
    git(folder, "remote", "get-url", "origin"),
    git(folder, "symbolic-ref", "refs/remotes/origin/HEAD"),
    git(folder, "symbolic-ref", "HEAD"),
  ]);
  const name = /[/:@]github\.com[/:]([\w.-]+\/[\w.-]+?)(\.git)?\/?$/.exec(origin ?? "")?.[1];
  const branch = originHead?.replace("refs/remotes/origin/", "") ?? head?.replace("refs/heads/", "");
  return { root: root || undefined, name, branch };
}
