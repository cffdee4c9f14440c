import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Argument, Command, Option } from "commander";
import { program } from "../../src/cli/program.ts";
import { candidatesFor } from "../../src/completion/candidates.ts";
import { regions } from "../../src/completion/regions.ts";
import { multivac, packageRoot, temporaryFolder, writeConfig } from "../command-line.ts";

/** What is completed, without a shell; test/completion/shells.test.ts has the shells. */

const multivacs = program("0", async () => undefined);

const valuesFor = async (cli: Command, ...words: string[]): Promise<string[] | "files"> => {
  const found = await candidatesFor(cli, words);
  return found === "files" ? found : found.map(({ value }) => value);
};

test("commands come by their beginnings, those below a command too, and nothing after one that there is not", async () => {
  assert.deepEqual(await valuesFor(multivacs, "de"), ["deploy", "destroy"]);
  assert.deepEqual(await valuesFor(multivacs, "sandbox", "sta"), ["start", "status"]);
  assert.deepEqual(await valuesFor(multivacs, "sandbox", "--json", "sto"), ["stop"]);
  assert.deepEqual(await valuesFor(multivacs, "deplyo", ""), []);
  const all = await valuesFor(multivacs, "");
  assert.deepEqual(
    all,
    multivacs.commands.map((command) => command.name()),
  );
});

test("every command completes its options and each value that its help lists, without being told", async () => {
  const below = (command: Command, before: string[]): [Command, string[]][] =>
    command.commands.flatMap((child) => {
      const words = [...before, child.name()];
      return [[child, words], ...below(child, words)] as [Command, string[]][];
    });
  const commands = below(multivacs, []);
  assert.ok(commands.length > 10);
  for (const [command, words] of commands) {
    const found = await valuesFor(multivacs, ...words, "--");
    for (const { long, hidden } of command.options)
      assert.ok(hidden || found.includes(long ?? ""), `${words.join(" ")} ${long}`);
    assert.ok(found.includes("--help"), words.join(" "));
    for (const { argChoices } of command.registeredArguments.slice(0, 1))
      if (argChoices) assert.deepEqual(await valuesFor(multivacs, ...words, ""), argChoices);
  }
});

test("options given already are left out, short ones come after a lone hyphen, none after --", async () => {
  const found = await valuesFor(multivacs, "deploy", "--yes", "-e", "prod", "--no-wait", "-");
  for (const given of ["--yes", "--environment", "-e", "--no-wait"]) assert.ok(!found.includes(given), given);
  for (const left of ["-c", "--config", "--no-color"]) assert.ok(found.includes(left), left);
  assert.ok(!(await valuesFor(multivacs, "deploy", "--")).includes("-c"));
  assert.deepEqual(await valuesFor(multivacs, "deploy", "--", "-"), []);
  assert.deepEqual(await valuesFor(multivacs, "deploy", "--timeout", "-"), [], "a value is awaited");
});

test("values come from choices, files, or what is known of their names, in each way to write them", async () => {
  const cli = new Command("any");
  cli
    .command("go")
    .addArgument(new Argument("<how>").choices(["fast", "slow"]))
    .argument("[file]")
    .addOption(new Option("-k, --kind <kind>").choices(["one", "other"]))
    .option("-o, --out <file>")
    .option("--into <folder>")
    .option("--seconds <number>")
    .option("--maybe [file]");
  for (const [words, expected] of [
    [["go", "s"], ["slow"]],
    [["go", "fast", ""], "files"],
    [["go", "--seconds", "3", "f"], ["fast"]],
    [
      ["go", "--kind", "o"],
      ["one", "other"],
    ],
    [["go", "-k", "on"], ["one"]],
    [["go", "--kind=ot"], ["--kind=other"]],
    [["go", "--kind", "=", "ot"], ["other"]],
    [
      ["go", "--kind", "="],
      ["one", "other"],
    ],
    [["go", "--kind", "=", "one", "f"], ["fast"]],
    [["go", "--kind=one", "f"], ["fast"]],
    [["go", "-kone", "f"], ["fast"]],
    [["go", "--out", "x"], "files"],
    [["go", "--out="], "files"],
    [["go", "--into", ""], "files"],
    [["go", "--seconds", ""], []],
    [["go", "--maybe", "--k"], ["--kind"]],
  ] as const) {
    assert.deepEqual(await valuesFor(cli, ...words), expected, words.join(" "));
  }
});

test("the regions are those that the AWS SDK knows", async () => {
  const place = "node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js";
  const { partitionsInfo } = await import(pathToFileURL(path.join(packageRoot, place)).href);
  const known = (partitionsInfo.partitions as { id: string; regions: Record<string, { description: string }> }[])
    .filter(({ id }) => ["aws", "aws-cn", "aws-us-gov"].includes(id))
    .flatMap(({ regions: all }) => Object.entries(all))
    .flatMap(([value, { description }]) => (value.endsWith("-global") ? [] : [{ value, about: description }]));
  assert.deepEqual(regions, known);
});

/** Asks as a shell's script does. */
async function asked(env: Record<string, string>, cwd: string, ...words: string[]): Promise<string[]> {
  const ran = await multivac(["__complete", "--", ...words], { cwd, env });
  assert.equal(ran.stderr, "");
  assert.equal(ran.code, 0);
  return ran.stdout === "" ? [] : ran.stdout.split("\n");
}

test("environments come from the config, profiles from the AWS files, and nothing is said where there is none", async (t) => {
  const cwd = await temporaryFolder(t);
  const env = { HOME: cwd, AWS_CONFIG_FILE: "", AWS_SHARED_CREDENTIALS_FILE: "", XDG_CACHE_HOME: "" };
  assert.deepEqual(await asked(env, cwd, "deploy", "-e", ""), [], "there is no config");
  await writeConfig(cwd, { environments: { prod: {}, stage: {}, test: {} } });
  assert.deepEqual(await asked(env, cwd, "deploy", "-e", ""), ["test\tthe config's own", "prod", "stage"]);
  assert.deepEqual(await asked(env, cwd, "deploy", "--profile", ""), []);
  await mkdir(path.join(cwd, ".aws"));
  const config = '[default]\nregion=eu-west-1\n[profile dev]\n  [profile "my own"]\n[sso-session x]\n[services y]\n';
  await writeFile(path.join(cwd, ".aws/config"), config);
  await writeFile(path.join(cwd, ".aws/credentials"), "[old]\naws_access_key_id = x\n[dev]\n");
  assert.deepEqual(await asked(env, cwd, "status", "--profile", ""), ["default", "dev", "my own", "old"]);
  await writeFile(path.join(cwd, "config.json"), "{");
  assert.deepEqual(await asked(env, cwd, "deploy", "-e", ""), [], "the config is not right");
});

test("an AWS that does not answer keeps nobody waiting, the first time two seconds, then not at all", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  let calls = 0;
  const mute = createServer(() => {
    calls += 1;
  }).listen(0, "127.0.0.1");
  t.after(() => mute.close());
  await new Promise((resolve) => mute.once("listening", resolve));
  const { port } = mute.address() as { port: number };
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    XDG_CACHE_HOME: cwd,
    MULTIVAC_COMPLETION_SECONDS: "5",
  };
  assert.deepEqual(await asked(env, cwd, "rollback", ""), []);
  const before = calls;
  assert.ok(before > 0);
  const begin = performance.now();
  assert.deepEqual(await asked(env, cwd, "rollback", ""), []);
  assert.equal(calls, before, `asked again, after ${performance.now() - begin} ms`);
  const kept = await readdir(path.join(cwd, "multivac/completion"));
  assert.equal(kept.length, 1);
});
