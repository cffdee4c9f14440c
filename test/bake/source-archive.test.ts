import assert from "node:assert/strict";
import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import { packSource } from "../../src/bake/source-archive.ts";

const ODD_NAMES = [
  "with space.txt",
  "-rf",
  "@package.json",
  "žluť 日本 🐎.html",
  "two\nlines",
  "quote'\"$`.txt",
  "back\\slash",
  "a/b/@c/-d",
  `${"long-".repeat(30)}name/${"x".repeat(120)}`,
];

describe("packSource", () => {
  let folder: string;
  let app: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "multivac-archive-"));
    app = path.join(folder, "app");
    for (const name of [...ODD_NAMES, "tool", "secret", "left-out"]) {
      await mkdir(path.dirname(path.join(app, name)), { recursive: true });
      await writeFile(path.join(app, name), `content of ${name}`);
      await utimes(path.join(app, name), 1_000_000_000, 1_600_000_000);
    }
    await chmod(path.join(app, "tool"), 0o4775);
    await chmod(path.join(app, "secret"), 0o600);
    await symlink("../elsewhere/tool", path.join(app, "link"));
  });
  after(() => rm(folder, { recursive: true }));

  const files = [...ODD_NAMES, "tool", "secret", "link"];
  const unpack = async (archive: string) => {
    const to = await mkdtemp(path.join(folder, "unpacked-"));
    await execa("tar", ["-xzf", archive, "--no-same-owner", "-C", to]);
    return to;
  };

  it("packs exactly the files given, under their names", async () => {
    const archive = path.join(folder, "one.tar.gz");
    await packSource(app, files, archive);
    const to = await unpack(archive);
    for (const name of ODD_NAMES) assert.equal(await readFile(path.join(to, name), "utf8"), `content of ${name}`);
    assert.equal(await readlink(path.join(to, "link")), "../elsewhere/tool");
    await assert.rejects(lstat(path.join(to, "left-out")), { code: "ENOENT" });
  });

  it("makes everything readable and keeps what is executable, and the times", async () => {
    const archive = path.join(folder, "two.tar.gz");
    await packSource(app, files, archive);
    const to = await unpack(archive);
    const mode = async (name: string) => ((await lstat(path.join(to, name))).mode & 0o7777).toString(8);
    assert.equal(await mode("tool"), "755");
    assert.equal(await mode("secret"), "644");
    assert.equal((await lstat(path.join(to, "tool"))).mtimeMs, 1_600_000_000_000);
  });

  it("makes the same archive of the same files, however they are listed", async () => {
    const [one, two] = [path.join(folder, "same-1.tar.gz"), path.join(folder, "same-2.tar.gz")];
    await packSource(app, files, one);
    await packSource(app, [...files].reverse(), two);
    assert.deepEqual(await readFile(one), await readFile(two));
  });

  it("says which file disappeared", async () => {
    const packing = packSource(app, ["tool", "no-longer"], path.join(folder, "gone.tar.gz"));
    await assert.rejects(packing, { code: "app-changed", message: /no-longer/ });
  });
});
