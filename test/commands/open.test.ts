import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";
import { eventually } from "../eventually.ts";
import { startOnTerminal } from "../live-terminal.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("logs-open", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];
const own = { MULTIVAC_SANDBOX: "test-logs-open" };

test("without a stack there is nothing to open", async () => {
  assertEnds(await aws.run(["open", "--json", ...named]), "not-deployed", { exit: 1, fix: /deploy --sandbox/ });
  const down = await multivac(["open", "--json", "--sandbox", ...named], { env: { MULTIVAC_SANDBOX: "test-logs-no" } });
  assertEnds(down, "not-deployed", { exit: 1, fix: /deploy --sandbox/, cause: /not running/ });
});

test("it prints the URL, and opens it where a person sits before a display", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, goodConfig);
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  const url = ran.stdout.trim();

  const piped = await aws.run(["open", ...named], { env: { DISPLAY: ":0" } });
  assert.equal(piped.code, 0, piped.stderr);
  assert.equal(piped.stdout, url, "stdout is the URL alone");
  assert.match(piped.stderr, /Not opened: stdout is no terminal/);
  const { opened, url: told } = (await aws.run(["open", "--json", ...named])).json();
  assert.deepEqual({ opened, told }, { opened: false, told: url });

  const args = ["open", "--sandbox", ...named];
  const blind = startOnTerminal(t, args, { env: { ...own, DISPLAY: "", WAYLAND_DISPLAY: "" } });
  assert.equal(await blind.ended, 0);
  assert.match(blind.written(), /Not opened: this machine has no display\./);
  assert.ok(blind.written().trimEnd().endsWith(url));

  // What a desktop has to open a URL with (xdg-utils).
  const programs = path.join(cwd, "programs");
  const opener = path.join(programs, "xdg-open");
  await mkdir(programs);
  await writeFile(opener, `#!/bin/sh\necho "$@" >"${cwd}/opened"\n`);
  await chmod(opener, 0o755);
  const PATH = `${programs}:${process.env.PATH}`;
  const seeing = startOnTerminal(t, args, { env: { ...own, DISPLAY: ":0", PATH } });
  assert.equal(await seeing.ended, 0);
  assert.doesNotMatch(seeing.written(), /Not opened/);
  assert.ok(seeing.written().includes(url));
  // What was started goes on by itself.
  const asked = await eventually(() => readFile(path.join(cwd, "opened"), "utf8").catch(() => undefined));
  assert.equal(asked.trim(), url);

  const without = startOnTerminal(t, args, { env: { ...own, DISPLAY: ":0", PATH: path.join(cwd, "app") } });
  assert.equal(await without.ended, 0);
  assert.match(without.written(), /Not opened: no browser could be started \(ENOENT\)/);
});
