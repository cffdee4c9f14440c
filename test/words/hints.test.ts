import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import { commandLine, typable } from "../../src/commands/hint.ts";
import { commandFile, environment, temporaryFolder } from "../command-line.ts";
import { commandNames, whyRefused } from "./command-lines.ts";

/** Hints can be typed as they stand. */

const everything = {
  config: "my app.json",
  environment: "dev",
  region: "eu-west-1",
  profile: "work",
};

test("the hint of every command is one that it takes, whatever options lead to the stack", async () => {
  for (const name of commandNames.filter((one) => one !== "sandbox")) {
    for (const options of [{}, everything, { ...everything, name: "hello" }, { sandbox: true, name: "hello" }]) {
      const line = commandLine(name, { options });
      const [, typed = ""] = /^node \S+ (.*)$/.exec(line) ?? [];
      assert.ok(typed.startsWith(name), line);
      assert.equal(await whyRefused(typed), undefined, line);
    }
  }
});

test("a fix's commands get the options of the stack, and what is no command stays", () => {
  const options = { sandbox: true, environment: "dev" };
  const shown = (text: string) => typable(text, options).replaceAll(/node \S+/g, "multivac");
  assert.equal(
    shown("Look: multivac status\nor `multivac destroy --force`, then go on"),
    "Look: multivac status --sandbox --environment dev\nor `multivac destroy --force --sandbox --environment dev`, then go on",
  );
  assert.equal(shown("Stop it: multivac sandbox stop"), "Stop it: multivac sandbox stop");
  assert.equal(
    shown("the tags multivac:name and so on; multivac needs: nothing"),
    "the tags multivac:name and so on; multivac needs: nothing",
  );
  const twice = shown(shown("Look: multivac status"));
  assert.equal(twice, "Look: multivac status --sandbox --environment dev", "no option comes twice");
});

test("a failure names the command that failed as it was typed, and how the tool is called", async (t) => {
  const cwd = await temporaryFolder(t);
  const called = path.join(cwd, "multivac");
  await symlink(commandFile, called);
  const args = ["sandbox", "stop", "--json"];
  const env = environment({ MULTIVAC_SANDBOX: "test-hints" });
  const run = (more: string[]) =>
    execa(process.execPath, [called, ...more], { cwd, env, extendEnv: false, reject: false });
  assert.equal((await run(args)).exitCode, 0, "there is none");
  const none = await run(["status", "--config", "my app.json"]);
  assert.match(none.stderr, /^✖ There is no config file/);
  const wrong = JSON.parse((await run(["deploy", "--nope", "--json"])).stdout);
  assert.equal(wrong.error.fix, "See what there is: multivac deploy --help");
  await execa("sh", ["-c", `echo '{"name":"hello"}' > 'my app.json'`], { cwd });
  const region = JSON.parse((await run(["status", "--config", "my app.json", "--json"])).stdout);
  assert.equal(region.error.code, "no-region");
  assert.match(region.error.fix, /: multivac status --config 'my app\.json' --json --region ap-southeast-2$/);
});
