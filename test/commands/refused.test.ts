import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What ends before anything is changed, and says what to do. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("refused", { machines: false });
});
after(() => aws?.stop());

const changingCalls = async () => (await aws.calls()).filter(({ changing }) => changing).map(({ action }) => action);

async function folderOf(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeConfig(folder);
  return folder;
}

test("without a terminal and without --yes nothing is changed, and it says so at once", async (t) => {
  const cwd = await folderOf(t);
  await aws.calls();
  const ran = await aws.run(["deploy", "--image", aws.baseImageId, "--json"], { cwd });
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, "needs-yes");
  assert.deepEqual(await changingCalls(), []);
});

test("an image that is not there is told before anything is changed", async (t) => {
  const cwd = await folderOf(t);
  await aws.calls();
  const ran = await aws.run(["deploy", "--yes", "--json", "--image", "ami-0123456789abcdef0"], { cwd });
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, "image-not-found");
  assert.deepEqual(await changingCalls(), []);
});

test("no credentials, and no region: what to do, and no stack trace", async (t) => {
  const cwd = await folderOf(t);
  const none = await multivac(["status", "--json"], { cwd, env: { AWS_ENDPOINT_URL: aws.endpoint } });
  assert.equal(none.code, 1);
  assert.equal(none.json().error?.code, "no-credentials");
  assert.doesNotMatch(none.stderr, /\n\s+at /);
  const config = JSON.parse(await readFile(path.join(cwd, "config.json"), "utf8"));
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ ...config, region: undefined }));
  const { AWS_REGION: _, AWS_DEFAULT_REGION: __, ...env } = aws.env;
  assert.equal((await multivac(["status", "--json"], { cwd, env })).json().error?.code, "no-region");
});

test("an empty or wrong value of an option is a wrong call, not none", async (t) => {
  const cwd = await folderOf(t);
  for (const args of [
    ["plan", "--image", ""],
    ["plan", "--image", "foo"],
    ["status", "--region", ""],
    ["destroy", "--environment", "*"],
  ]) {
    const ran = await aws.run([...args, "--json"], { cwd });
    assert.equal(ran.code, 1, args.join(" "));
    assert.equal(ran.json().error?.code, "wrong-call", args.join(" "));
  }
});
