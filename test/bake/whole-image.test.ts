import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { atCheckpoint } from "../../src/bake/checkpoint.ts";
import { parseMessage, spokenText } from "../../src/bake/machine-readable.ts";
import { packagePath } from "../../src/bake/package-root.ts";
import { watchWholeImage } from "../../src/bake/whole-image.ts";
import { temporaryFolder } from "../command-line.ts";

/** What a real run of Packer 1.6.6 said. */
const said = readFileSync(new URL("recorded/success.txt", import.meta.url), "utf8")
  .split("\n")
  .map(parseMessage)
  .flatMap((message) => (message && spokenText(message)) ?? []);

/** The lines after which an id is told, and that id. */
function told(lines: readonly string[]): string[][] {
  const found: string[][] = [];
  let now = "";
  const hear = watchWholeImage((id) => found.push([now, id]));
  for (const line of lines) {
    now = line;
    hear(line);
  }
  return found;
}

describe("watchWholeImage", () => {
  it("tells the image when only the builder is left to take down", () => {
    assert.deepEqual(told(said), [["Terminating the source AWS instance...", "ami-f3478a3a78f506383"]]);
  });

  it("tells none that Packer has not tagged, or takes away again", () => {
    const before = said.slice(0, said.indexOf("Terminating the source AWS instance..."));
    const tagging = before.findIndex((line) => line.startsWith("Adding tags to AMI"));
    const end = "Terminating the source AWS instance...";
    assert.deepEqual(told([...before.slice(0, tagging), end]), []);
    assert.deepEqual(told([...before, "Error tagging resources: refused", end]), []);
    assert.deepEqual(told([...before, "Deregistering the AMI because cancellation, or error...", end]), []);
  });
});

describe("atCheckpoint", () => {
  const task = readFileSync(packagePath("ansible/roles/base/tasks/keep.yml"), "utf8");
  const name = /- name: (Keep .*)/.exec(task)?.[1];
  const line = `TASK [base : ${name}] ***************`;

  it("does its work once, when the playbook waits for it, and lets it go on only then", async (t) => {
    const file = path.join(await temporaryFolder(t), "kept");
    const calls: boolean[] = [];
    const checkpoint = atCheckpoint(file, async () => void calls.push(existsSync(file)));
    checkpoint.line("TASK [base : Apply updates] ****");
    assert.deepEqual(calls, []);
    checkpoint.line(line);
    checkpoint.line(line);
    await checkpoint.over();
    assert.deepEqual(calls, [false]);
    assert.ok(existsSync(file));
    assert.ok(!checkpoint.failed.aborted);
  });

  it("ends the bake where the work fails", async (t) => {
    const file = path.join(await temporaryFolder(t), "kept");
    const checkpoint = atCheckpoint(file, async () => {
      throw new Error("refused");
    });
    checkpoint.line(line);
    await assert.rejects(checkpoint.over(), /refused/);
    assert.ok(checkpoint.failed.aborted);
    assert.ok(!existsSync(file));
  });
});
