import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { readCommit } from "../../src/app/git.ts";
import { temporaryFolder } from "../command-line.ts";

async function git(folder: string, ...args: string[]): Promise<string> {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  return (await execa("git", ["-C", folder, ...who, ...args])).stdout;
}

test("a folder in a work tree: its commit, and whether anything in that folder differs", async (t) => {
  const root = await temporaryFolder(t);
  const app = path.join(root, "app");
  await mkdir(app);
  await writeFile(path.join(app, "app.py"), "one");
  await git(root, "init", "--quiet");
  assert.equal(await readCommit(app), undefined, "no commit yet");
  await git(root, "add", ".");
  await git(root, "commit", "--quiet", "-m", "one");
  const commit = await git(root, "rev-parse", "HEAD");
  assert.match(commit, /^[0-9a-f]{40}$/);

  assert.deepEqual(await readCommit(app), { commit, dirty: false });
  await writeFile(path.join(root, "notes.txt"), "beside the app");
  assert.deepEqual(await readCommit(app), { commit, dirty: false }, "only the app's folder counts");
  await writeFile(path.join(app, "new.py"), "not added");
  assert.deepEqual(await readCommit(app), { commit, dirty: true });
});

test("no work tree, no folder, no git: nothing, and no error", async (t) => {
  const folder = await temporaryFolder(t);
  assert.equal(await readCommit(folder), undefined);
  assert.equal(await readCommit(path.join(folder, "nowhere")), undefined);
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = folder;
  assert.equal(await readCommit(folder), undefined);
});

test("a git hook's variables do not lead to another repository", async (t) => {
  const other = await temporaryFolder(t);
  await git(other, "init", "--quiet");
  await git(other, "commit", "--quiet", "--allow-empty", "-m", "other");
  t.after(() => {
    delete process.env.GIT_DIR;
  });
  process.env.GIT_DIR = path.join(other, ".git");
  assert.equal(await readCommit(await temporaryFolder(t)), undefined);
});
