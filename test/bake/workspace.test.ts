import assert from "node:assert/strict";
import { chmod, link, lstat, mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { listAppFiles } from "../../src/app/files.ts";
import { hashAppSource } from "../../src/app/release.ts";
import { inWorkspace, stage } from "../../src/bake/workspace.ts";
import { temporaryFolder } from "../command-line.ts";
import { order } from "./orders.ts";

/** An app that was hashed; `stagedAfter` stages its bake once `change` has been made to it. */
async function hashedApp(t: TestContext) {
  const root = await temporaryFolder(t);
  const at = (name: string) => path.join(root, name);
  await mkdir(at("sub"));
  const texts = {
    "app.py": "app = 1\n",
    "sub/tool ü": "tool\n",
    "requirements.txt": "flask\n",
    "other.py": "app = 1\n",
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(at(name), text);
  await writeFile(at("empty"), "");
  await writeFile(at("large"), Buffer.alloc(3_000_000, 7));
  await chmod(at("sub/tool ü"), 0o700);
  await symlink("app.py", at("link"));
  await link(at("app.py"), at("same.py"));
  const { files } = await listAppFiles(root, []);
  const { hashed } = await hashAppSource({ root, files });
  const stagedAfter = async (change: () => Promise<unknown>) => {
    await change();
    const app = { ...order().app, path: root, files: files.map((file) => file.path), hashed };
    const whole = order({ app: { ...app, requirementFiles: ["requirements.txt"] } });
    await inWorkspace((workspace) => stage(whole, Promise.resolve({ major: 1, minor: 6, patch: 6 }), 75, workspace));
  };
  return { at, stagedAfter };
}

test("what is packed is what was hashed: also links, hard links, empty and large files; times do not count", async (t) => {
  const { at, stagedAfter } = await hashedApp(t);
  await stagedAfter(() => utimes(at("app.py"), 1, 1));
});

type At = (name: string) => string;
const changes: Record<string, [file: string, change: (at: At) => Promise<unknown>]> = {
  "a file of the same size": ["other.py", (at) => writeFile(at("other.py"), "app = 2\n")],
  "a large file": ["large", (at) => writeFile(at("large"), Buffer.alloc(3_000_000, 8))],
  "an executable bit": ["sub/tool ü", (at) => chmod(at("sub/tool ü"), 0o600)],
  "a link's target": ["link", (at) => rm(at("link")).then(() => symlink("other.py", at("link")))],
  "what pip reads": ["requirements.txt", (at) => writeFile(at("requirements.txt"), "dash\n")],
  "a file that is a folder now": ["empty", (at) => rm(at("empty")).then(() => mkdir(at("empty")))],
};
for (const [what, [file, change]] of Object.entries(changes)) {
  test(`nothing is baked where ${what} changed after it was hashed`, async (t) => {
    const { at, stagedAfter } = await hashedApp(t);
    await assert.rejects(
      stagedAfter(() => change(at)),
      ({ code, message }) => code === "app-changed" && message.includes(file),
    );
    assert.ok(await lstat(at(file)));
  });
}
