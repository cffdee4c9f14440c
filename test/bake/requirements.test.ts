import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { listAppFiles } from "../../src/app/files.ts";
import { requirementFiles } from "../../src/bake/requirements.ts";
import { temporaryFolder } from "../command-line.ts";

/** Texts; `→ target` makes a symlink. */
type Files = Record<string, string>;

const arrow = "→ ";

async function read(t: Parameters<typeof temporaryFolder>[0], files: Files, requirements = "requirements.txt") {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    if (text.startsWith(arrow)) await symlink(text.slice(arrow.length), path.join(folder, name));
    else await writeFile(path.join(folder, name), text);
  }
  const { files: listed } = await listAppFiles(folder, []);
  return await requirementFiles({ path: folder, files: listed, requirements });
}

describe("requirementFiles", () => {
  it("names the file, and those that it names in turn", async (t) => {
    const files = {
      "requirements.txt": "flask\n-r more/web.txt # and these\n--constraint=limits.txt\r\n",
      "more/web.txt": "-c ../limits.txt\nrequests \\\n  >= 2\n-rlast.txt\n",
      "more/last.txt": "-r ../requirements.txt\n",
      "limits.txt": "flask<4\n",
      "app.py": "",
    };
    assert.deepEqual(await read(t, files), ["limits.txt", "more/last.txt", "more/web.txt", "requirements.txt"]);
    assert.deepEqual(await read(t, files, "./more/last.txt"), await read(t, files));
  });

  it("takes what comes over the network for no file", async (t) => {
    const text = `# all there is
flask == 3.0.* ; python_version > "3.8"
Requests[socks,security]>=2,<3 --hash=sha256:abc
zope.interface
tool @ https://example.org/tool-1.0.tar.gz
git+https://example.org/repository.git@main#egg=thing
https://example.org/other-1.0-py3-none-any.whl
-e git+https://example.org/repository.git#egg=editable
-r https://example.org/requirements.txt
-i https://example.org/simple
--extra-index-url=https://example.org/simple
--find-links https://example.org/wheels
--pre
`;
    assert.deepEqual(await read(t, { "requirements.txt": text }), ["requirements.txt"]);
  });

  it("names what a link leads to as well, and looks beside the link for what it names", async (t) => {
    const files = {
      "requirements.txt": "→ current",
      current: "→ sets/prod.txt",
      "sets/prod.txt": "-r base.txt\nflask\n",
      "base.txt": "-c sets/limits.txt\n",
      "sets/limits.txt": "→ ../limits",
      limits: "flask<4\n",
      "sets/base.txt": "not this one",
    };
    const all = ["base.txt", "current", "limits", "requirements.txt", "sets/limits.txt", "sets/prod.txt"];
    assert.deepEqual(await read(t, files), all);
  });

  it("gives nothing for a link that leads into a linked folder", async (t) => {
    const files = { "requirements.txt": "→ now/prod.txt", now: "→ sets", "sets/prod.txt": "flask\n" };
    assert.equal(await read(t, files), undefined);
  });

  it("continues a line as pip does: a comment is never continued, and ends what was", async (t) => {
    const text = "# kept in step with setup.py \\\n./library\n";
    assert.equal(await read(t, { "requirements.txt": text }), undefined);
    const ended = "flask \\\n  # why \\\n-r more.txt\n";
    assert.deepEqual(await read(t, { "requirements.txt": ended, "more.txt": "" }), ["more.txt", "requirements.txt"]);
    assert.deepEqual(await read(t, { "requirements.txt": "-r \\\r\nmore.txt \\", "more.txt": "" }), [
      "more.txt",
      "requirements.txt",
    ]);
  });

  for (const line of [
    ".",
    "./library",
    "../library",
    "library/",
    "library/core[all]",
    "/opt/library",
    "-e .",
    "--editable=library",
    "-f wheels",
    "--find-links=./wheels",
    "thing @ file:///opt/thing",
    "thing@./thing",
    "file:library",
    "thing-1.0-py3-none-any.whl",
    "thing-1.0.tar.gz",
    "-r missing.txt",
    "-r $" + "{WHERE}.txt",
    "--something-new that",
    "-e",
  ]) {
    it(`gives nothing for ${line}, which may be the app's own`, async (t) => {
      assert.equal(await read(t, { "requirements.txt": `flask\n${line}\n`, "library/core": "" }), undefined);
    });
  }

  it("is empty without requirements", async (t) => {
    const folder = await temporaryFolder(t);
    assert.deepEqual(await requirementFiles({ path: folder, files: [] }), []);
  });
});
