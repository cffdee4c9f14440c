import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, mkdir, rename, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { execa } from "execa";
import { listAppFiles } from "../../src/app/files.ts";
import { hashAppSource } from "../../src/app/release.ts";
import { temporaryFolder } from "../command-line.ts";

async function hash(root: string, exclude: string[] = []): Promise<string> {
  return (await hashAppSource({ root, files: (await listAppFiles(root, exclude)).files })).hash;
}

test("odd names, links and excludes", async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(path.join(root, "static/ümläut dir"), { recursive: true });
  await mkdir(path.join(root, ".git"));
  await mkdir(path.join(root, ".github/workflows"), { recursive: true });
  await mkdir(path.join(root, "node_modules/x"), { recursive: true });
  const names = [
    "app.py",
    " leading space",
    "-dash",
    "@at",
    "new\nline",
    "static/ümläut dir/日本語.css",
    'quo"te',
    "back\\slash",
    ".env",
    ".git/config",
    ".github/workflows/deploy.yml",
    "node_modules/x/y.js",
    "x.pyc",
    "notes.log",
    "keep.log",
  ];
  for (const name of names) await writeFile(path.join(root, name), name);
  await symlink("app.py", path.join(root, "link"));
  await symlink("../../outside", path.join(root, "static/bad"));
  await execa("mkfifo", [path.join(root, "pipe")]);

  const { files, refused } = await listAppFiles(root, ["*.log", "!keep.log"]);
  assert.deepEqual(
    files.map((file) => file.path),
    [
      " leading space",
      "-dash",
      "@at",
      "app.py",
      "back\\slash",
      "keep.log",
      "link",
      "new\nline",
      'quo"te',
      "static/ümläut dir/日本語.css",
    ],
  );
  assert.deepEqual(refused.map((file) => file.path).sort(), ["pipe", "static/bad"]);
});

test("the hash sees contents, names, executable bits and link targets, and nothing else", async (t) => {
  const root = await temporaryFolder(t);
  const file = path.join(root, "app.py");
  await writeFile(file, "a = 1\n");
  await symlink("app.py", path.join(root, "link"));
  const first = await hash(root);

  await utimes(file, 1, 1);
  await mkdir(path.join(root, "empty"));
  await writeFile(path.join(root, ".env"), "SECRET=1");
  assert.equal(await hash(root), first, "times, empty folders and excluded files do not count");

  await chmod(file, 0o755);
  const executable = await hash(root);
  assert.notEqual(executable, first);
  await chmod(file, 0o644);
  await writeFile(file, "a = 2\n");
  assert.notEqual(await hash(root), first);
  await writeFile(file, "a = 1\n");
  assert.equal(await hash(root), first);
  await rename(file, path.join(root, "main.py"));
  assert.notEqual(await hash(root), first);
});

test("a tree of thousands of files has one hash however often it is read", async (t) => {
  const root = await temporaryFolder(t);
  for (let folder = 0; folder < 20; folder++) {
    await mkdir(path.join(root, `d${folder}`));
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => writeFile(path.join(root, `d${folder}`, `f${i}`), `${folder} ${i}`)),
    );
  }
  const first = await hash(root);
  assert.equal(await hash(root), first);
  await writeFile(path.join(root, "d7", "f7"), "changed");
  assert.notEqual(await hash(root), first);
});

test("a file counts to its last byte, however large", async (t) => {
  const root = await temporaryFolder(t);
  for (const size of [1, 256 * 1024, 256 * 1024 + 1, 2_000_000]) {
    const content = Buffer.alloc(size);
    await writeFile(path.join(root, "file"), content);
    const before = await hash(root);
    content[size - 1] = 1;
    await writeFile(path.join(root, "file"), content);
    assert.notEqual(await hash(root), before, `${size} bytes`);
  }
  const known = createHash("sha256").update(Buffer.alloc(2_000_000)).digest("hex");
  await writeFile(path.join(root, "file"), Buffer.alloc(2_000_000));
  const whole = createHash("sha256")
    .update(JSON.stringify(["file", "file", false, known]))
    .digest("hex");
  assert.equal(await hash(root), whole);
});

test("a file that went after it was listed is told as a change of the app", async (t) => {
  const root = await temporaryFolder(t);
  await writeFile(path.join(root, "here"), "");
  const { files } = await listAppFiles(root, []);
  await rename(path.join(root, "here"), path.join(root, "there"));
  await assert.rejects(hashAppSource({ root, files }), { code: "app-changed", message: /here/ });
});

async function tree(t: TestContext, texts: Record<string, string>, links: Record<string, string> = {}) {
  const root = await temporaryFolder(t);
  const at = async (name: string) => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    return path.join(root, name);
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(await at(name), text);
  for (const [name, target] of Object.entries(links)) await symlink(target, await at(name));
  return root;
}

const names = (files: readonly { path: string }[]) => files.map((file) => file.path);

test("an exclude takes upper and lower case as they are", async (t) => {
  const root = await tree(t, { "Venv/a.py": "", "venv/b.py": "", "data/c": "", "Data/d": "", ".Env": "" });
  assert.deepEqual(names((await listAppFiles(root, ["Data"])).files), [".Env", "Venv/a.py", "data/c"]);
});

test("what people keep their secrets in is no part of the app, but where an exclude says so", async (t) => {
  const kept = [".env", ".env.local", ".envrc", ".direnv/x", ".aws/credentials", ".ssh/config", ".netrc", ".npmrc"];
  const more = [".pypirc", "id_rsa", "id_ed25519.pub", "deploy/terraform.tfstate.backup", ".terraform/x"];
  const root = await tree(t, Object.fromEntries([...kept, ...more, "app.py"].map((name) => [name, ""])));
  const all = await listAppFiles(root, []);
  assert.deepEqual(names(all.files), ["app.py"]);
  assert.deepEqual(names((await listAppFiles(root, ["!.npmrc"])).files), [".npmrc", "app.py"]);
});

test("what looks like a secret is told, but not a certificate, and not what an exclude names as meant", async (t) => {
  const pem = (what: string) => `notes\n-----BEGIN ${what}-----\nAAAA\n-----END ${what}-----\n`;
  const root = await tree(t, {
    "authorities.pem": pem("CERTIFICATE"),
    "tls/server.key": pem("EC PRIVATE KEY"),
    "both.pem": pem("CERTIFICATE") + pem("PRIVATE KEY"),
    "slides.key": "Keynote",
    "store.p12": "",
    "config/secrets.json": "{}",
    "credentials/model.py": "",
    "secrets.py": "",
  });
  assert.deepEqual((await listAppFiles(root, [])).secrets.sort(), [
    "both.pem",
    "config/secrets.json",
    "store.p12",
    "tls/server.key",
  ]);
  const { secrets, files } = await listAppFiles(root, ["!tls/server.key", "!*.p12", "both.pem"]);
  assert.deepEqual(secrets, ["config/secrets.json"]);
  assert.equal(files.length, 7);
});

test("a link that leads to nothing in the release is told, and one that leads out of the folder refused", async (t) => {
  const root = await tree(
    t,
    { "app.py": "", "static/site.css": "", "node_modules/lib/lib.js": "", "deep/er/file": "" },
    {
      folder: "static",
      "static/up": "../app.py",
      "by-folder": "folder/site.css",
      again: "by-folder",
      "static/lib": "../node_modules/lib",
      gone: "nowhere",
      round: "round",
      self: ".",
      "deep/down": "er",
      back: "deep/down/../er/file",
      astray: "deep/down/../file",
      "deep/top": "..",
      out: "deep/top/../etc/passwd",
      "out-of-it": "../etc/passwd",
    },
  );
  const { lost, refused } = await listAppFiles(root, []);
  assert.deepEqual(names(lost).sort(), ["astray", "gone", "round", "static/lib"]);
  assert.deepEqual(lost.find((link) => link.path === "static/lib")?.target, "../node_modules/lib");
  assert.deepEqual(names(refused).sort(), ["out", "out-of-it"]);
});
