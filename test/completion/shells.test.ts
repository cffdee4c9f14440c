import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { quoted } from "../../src/quoted.ts";
import { commandFile, environment, multivac, packageRoot, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { onTerminal } from "../terminal.ts";

/** The scripts of `multivac completion`, in the shells themselves, with a stack of two releases. */

/** A machine that is busy with other tests answers later than a person would wait. */
const patient = { MULTIVAC_COMPLETION_SECONDS: "30" };

let aws: TestSandbox;
let folder: string;
let cwd: string;
let env: Record<string, string>;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "multivac-shells-"));
  cwd = path.join(folder, "work");
  const bin = path.join(folder, "bin");
  await Promise.all([mkdir(cwd), mkdir(bin), mkdir(path.join(folder, "my app"))]);
  await Promise.all([
    symlink(commandFile, path.join(bin, "multivac")),
    writeConfig(cwd, { environments: { prod: {}, stage: {} } }),
    writeConfig(path.join(folder, "my app"), { environments: { quality: {}, lab: {} } }),
  ]);
  aws = await startSandbox("completion", { machines: false });
  env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    MULTIVAC_SANDBOX: aws.id,
    XDG_CACHE_HOME: folder,
    ...patient,
  };
  const ran = await aws.run(["deploy", "--yes", "--no-wait", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  await makeImage(aws, "aaaaaaaaaaaa");
  await makeImage(aws, "bbbbbbbbbbbb");
});
after(async () => {
  await aws?.stop();
  await rm(folder, { recursive: true });
});

async function script(shell: string): Promise<string> {
  const ran = await multivac(["completion", shell]);
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout;
}

/** What is typed before Tab, and what the shell must show then, which it has not shown before. */
const cases: [typed: string, ...shown: string[]][] = [
  ["multivac de", "deploy", "destroy"],
  ["multivac rollback --sandbox ", "aaaaaaaaaaaa", "bbbbbbbbbbbb"],
  ["multivac deploy --no-", "--no-color", "--no-wait"],
  ["multivac deploy --config con", "config.json"],
  ["multivac deploy --trace=con", "--trace=config.json"],
  ["multivac status --environment=p", "--environment=prod"],
  ["multivac status -c ~/work/config.json -e s", "stage"],
  ["multivac status -c '../my app/config.json' -e q", "quality"],
  ["multivac status -c ../my\\ app/config.json -e l", "lab"],
];

/** Types each case into a shell with Tab, twice where there are several to choose from, and returns what was shown. */
async function tabbed(shell: string[], prompt: string, setUp: string): Promise<string> {
  const clear = (step: number) => `\u0015echo step''${step} >&2\r`;
  const typed = cases.flatMap(([line, ...shown], index): [string, string][] => [
    [`step${index}`, `${line}\t${shown.length > 1 ? "\t" : ""}`],
    ...shown.slice(1).map((text): [string, string] => [text, ""]),
    [shown[0] ?? "", clear(index + 1)],
  ]);
  const first: [string, string] = [prompt, `${setUp}; echo step''0 >&2\r`];
  const all = [first, ...typed, [`step${cases.length}`, "exit\r"]] as [string, string][];
  const ran = await onTerminal(shell, { cwd, env, typed: all, limitSeconds: 120 });
  return ran.screen;
}

test("bash completes commands, options, releases, files and environments", async () => {
  await writeFile(path.join(folder, "multivac.bash"), await script("bash"));
  const screen = await tabbed(["bash", "--norc", "--noprofile", "-i"], "bash-", "source ../multivac.bash");
  assert.match(screen, /deploy +destroy/);
  assert.match(screen, /--no-color +--no-wait/);
  await execa("shellcheck", [path.join(packageRoot, "templates/completion/multivac.bash")]);
});

test("zsh completes the same, with what each is, from a file where zsh looks for it", async () => {
  await mkdir(path.join(folder, "functions"));
  await writeFile(path.join(folder, "functions/_multivac"), await script("zsh"));
  const setUp = "fpath=($HOME/functions $fpath); autoload -U compinit; compinit -D -u";
  const screen = await tabbed(["zsh", "-f", "-i"], "# ", setUp);
  assert.match(screen, /destroy +-- take down everything of the stack, then look again/);
  assert.match(screen, /bbbbbbbbbbbb +-- \d{4}-\d\d-\d\d \d\d:\d\d/);

  const sourced = "autoload -U compinit; compinit -D -u; source $HOME/functions/_multivac; whence -v _multivac";
  const { stdout } = await execa("zsh", ["-f", "-c", sourced], { env: environment(env), extendEnv: false });
  assert.match(stdout, /_multivac is a shell function/);
});

test("fish completes the same", async () => {
  await mkdir(path.join(folder, ".config/fish/completions"), { recursive: true });
  await writeFile(path.join(folder, ".config/fish/completions/multivac.fish"), await script("fish"));
  const asking = cases.map(([typed]) => `complete -C ${quoted(typed)}; echo ----`).join("; ");
  const { stdout } = await execa("fish", ["-c", asking], { cwd, env: environment(env), extendEnv: false });
  const found = stdout.split("----\n").map((lines) =>
    lines
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[0]),
  );
  const expected = cases.map(([, ...shown]) => shown);
  for (const [index, shown] of expected.entries())
    for (const value of shown) assert.ok(found[index]?.includes(value), `${cases[index]?.[0]}: ${found[index]}`);
  assert.deepEqual(found[0], ["deploy", "destroy"]);
});

test("another shell than those is a wrong call, and --json has the script in its document", async () => {
  const wrong = await multivac(["completion", "csh", "--json"]);
  assert.equal(wrong.code, 1);
  assert.equal(wrong.json().error?.code, "wrong-call");
  assert.match(wrong.json().error?.cause ?? "", /bash, zsh, fish/);
  const { shell, script: text } = (await multivac(["completion", "bash", "--json"])).json();
  assert.deepEqual([shell, text], ["bash", `${await script("bash")}\n`]);
});
