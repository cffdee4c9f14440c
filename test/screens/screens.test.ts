import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { program } from "../../src/cli/program.ts";
import { goodConfig, multivac, writeConfig } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { keys, multivacOnTerminal } from "../terminal.ts";
import { commandNames } from "../words/command-lines.ts";
import { commandsOf } from "./commands.ts";
import { type Screen, screenOf } from "./screen.ts";

/** What a person sees of every command, on terminals of several widths, with colours and without. */

const looks = [
  { columns: 60, colour: true },
  { columns: 80, colour: false },
  { columns: 200, colour: true },
] as const;

let aws: TestSandbox;
let cwd: string;
before(async () => {
  aws = await startSandbox("screens", { machines: false });
  cwd = await mkdtemp(path.join(tmpdir(), "multivac-screens-"));
  await writeConfig(cwd);
  const many = {
    ...goodConfig,
    nmae: "hello",
    instances: { min: 2, max: 1 },
    loadBalancer: { allowFrom: ["10.0.0.1/8"] },
  };
  await writeFile(path.join(cwd, "many.json"), JSON.stringify(many));
});
after(async () => {
  await aws?.stop();
  await rm(cwd, { recursive: true, force: true });
});

interface Look {
  columns: number;
  colour: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours and links are made of them
const coloured = /\u001b\[[0-9;]*m|\u001b\]8/;

interface Shown extends Screen {
  coloured: boolean;
}

/** The commands whose screens were seen, and those that show none of their own. */
const seenCommands = new Set<string>();
const elsewhere: Record<string, string> = {
  init: "its questions are seen in test/init/questions.test.ts",
  logs: "shows what the app has written, as it is",
  ssh: "hands the terminal over",
};

/** Runs a command on a terminal of its own, and checks what must be so of every screen. */
async function shows(
  args: string[],
  { columns, colour }: Look,
  typed: [string, string][] = [],
  sandbox = aws.id,
): Promise<Shown> {
  const env = { MULTIVAC_SANDBOX: sandbox, LANG: "C.UTF-8", ...(colour ? {} : { NO_COLOR: "1" }) };
  const { screen: sent } = await multivacOnTerminal(args, { cwd, env, typed, columns, whole: true });
  const what = `${args.join(" ")} at ${columns} columns`;
  seenCommands.add(args[0] === "sandbox" ? `sandbox ${args[1]}` : `${args[0]}`);
  const screen = await screenOf(sent, columns);
  assert.ok(screen.lines.length > 0, what);
  for (const { text, broken } of screen.lines) {
    if (broken) assert.ok(isOnePiece(text), `${what}: the terminal had to break\n${text}\n\n${screen.text}`);
    assert.doesNotMatch(text, /[\u2800-\u28ff]|undefined|\[object|NaN/, `${what}: left behind:\n${screen.text}`);
  }
  assert.ok(screen.cursor, `${what}: the cursor is hidden`);
  if (!colour) assert.doesNotMatch(sent, coloured, `${what}: colours`);
  return { ...screen, coloured: coloured.test(sent) };
}

/** What has to stay whole so that it can be copied: a word, a command, a JSON document. */
function isOnePiece(text: string): boolean {
  return /^\s*(\S+|(multivac|node \S+|npx|aws|apt-get|export) .*|\{.*\})$/.test(text);
}

const agree: [string, string][] = [["[y/N]", `y${keys.enter}`]];

for (const look of looks) {
  const { columns } = look;
  const own = ["--sandbox", "-e", `w${columns}`];
  const seen = (...args: string[]) => shows([...args, ...own], look);

  test(`screens of a stack's life at ${columns} columns`, async () => {
    const image = ["--image", aws.baseImageId];
    const [plan, doctor] = await Promise.all([seen("plan"), seen("doctor")]);
    assert.match(plan.text, /^\+ load-balancer {2}create$/m);
    assert.match(doctor.text, /^✔ zones {2,}ap-southeast-2a, ap-southeast-2b$/m);
    assert.match(doctor.text, /^\d+ checks: \d+ ok\.$/m);

    const deployed = await shows(["deploy", ...image, ...own], look, agree);
    assert.match(deployed.text, /^✔ load balancer \d+\.\d s {2}app\/hello-/m);
    assert.match(deployed.text, /^Done in .*\n {2}How it is:\s+node /m);
    assert.match(deployed.lines.at(-1)?.text ?? "", /^http:\/\/\S+$/);

    const [status] = await Promise.all([seen("status"), seen("releases"), seen("events"), seen("cost"), seen("open")]);
    assert.match(status.text, /^hello-w\d+ {2}healthy$/m);
    assert.match(status.text, /^ {2}load balancer +active/m);
    assert.deepEqual([deployed.coloured, status.coloured], [look.colour, look.colour]);
    assert.match((await seen("doctor")).text, /^✔ region +ap-southeast-2/m);
    assert.match((await seen("rollback")).text, /✖ There is no earlier release to roll back to\./);

    const destroyed = await shows(["destroy", ...own], look, [["Type hello", `hello${keys.enter}`]]);
    assert.match(destroyed.text, /^✔ last look by tag .*nothing is left$/m);
    assert.match(destroyed.text, /is gone: \d+ deleted/);
  });

  test(`screens of errors at ${columns} columns`, async () => {
    const [many, none, wrong] = await Promise.all([
      shows(["validate", "--config", "many.json"], look),
      shows(["status", "--config", "no.json"], look),
      shows(["deploy", "--imag", "x"], look),
    ]);
    assert.match(many.text, /^✖ many\.json has 3 problems\.$/m);
    assert.match(many.text, /^ {2}nmae: .*\n? *.*did you mean "name"\?/m);
    assert.match(none.text, /^✖ .*\n(.*\n)*→ /m);
    assert.match(wrong.text, /Did you mean --image\?/);
  });
}

test("screens of a stack that is not there, and of the sandbox", async () => {
  const narrow = { columns: 60, colour: false };
  const own = ["--sandbox", "-e", "none"];
  const seen = async (...args: string[]) => (await shows([...args, ...own], narrow)).text;
  assert.match(await seen("status"), /absent: nothing is deployed/);
  assert.match(await seen("releases"), /has no releases/);
  assert.match(await seen("abort"), /Nothing is under way/);
  assert.match(await seen("unlock"), /Nobody holds the lock/);
  assert.match(await seen("destroy"), /Nothing of hello-none was there/);
  assert.match((await shows(["sandbox", "status"], narrow)).text, /endpoint +http/);
  assert.match((await shows(["sandbox", "faults"], narrow)).text, /No faults are on/);
  assert.match((await shows(["validate"], narrow)).text, /is valid/);
});

test("screens of a sandbox that starts and ends", async () => {
  for (const look of looks) {
    const id = `screens-${look.columns}`;
    const started = await shows(["sandbox", "start", "--no-machines"], look, [], id);
    assert.match(started.text, /endpoint +http/);
    const stopped = await shows(["sandbox", "stop"], look, agree, id);
    assert.match(stopped.text, /is gone|stopped/);
  }
});

test("documents and scripts are on a terminal what they are in a pipe, however narrow it is", async () => {
  for (const args of [["schema"], ["policy", "read"], ["completion", "bash"]]) {
    const env = { MULTIVAC_SANDBOX: aws.id, NO_COLOR: "1" };
    const piped = await multivac(args, { cwd, env });
    assert.equal(piped.code, 0, piped.stderr);
    for (const { columns } of looks) {
      const { screen } = await multivacOnTerminal(args, { cwd, env, columns, whole: true });
      assert.equal(screen.replaceAll("\r\n", "\n").trimEnd(), piped.stdout.trimEnd(), `${args} at ${columns}`);
    }
    seenCommands.add(`${args[0]}`);
  }
});

test("a question that is answered no or interrupted leaves the cursor and no spinner; --quiet shows none", async () => {
  const look = { columns: 80, colour: true };
  const deploy = ["deploy", "--image", aws.baseImageId, "--sandbox", "-e", "asked"];
  const no = await shows(deploy, look, [["[y/N]", `n${keys.enter}`]]);
  assert.match(no.text, /^Deploy this\? \[y\/N\] n\n✖ Nothing was changed\.$/m);
  const stopped = await shows(deploy, look, [["[y/N]", keys.interrupt]]);
  assert.match(stopped.text, /^✖ Interrupted\./m);
  const quiet = await shows([...deploy, "--quiet", "--yes"], look);
  assert.match(quiet.text, /^http:\/\/\S+$/);
  const warned = await shows(["destroy", "--quiet", "--yes", "--sandbox", "-e", "asked"], look);
  assert.match(warned.text, /^hello-asked is gone/);
});

test("the code of an error leads to its page where the terminal makes links", async () => {
  const seen = async (env: Record<string, string>) =>
    (await multivacOnTerminal(["validate", "--config", "no.json"], { cwd, env, whole: true })).screen;
  const sent = await seen({ TERM_PROGRAM: "WezTerm" });
  const [, link = ""] = sent.split("\u001b]8;;");
  const [url = "", text] = link.split("\u001b\\");
  assert.equal(text, "(config-not-found)");
  const page = new URL(url);
  assert.ok((await readFile(page, "utf8")).includes(`<a id="${page.hash.slice(1)}"></a>`), url);
  for (const env of [{}, { TERM_PROGRAM: "WezTerm", NO_COLOR: "1" }, { TERM_PROGRAM: "WezTerm", SSH_CONNECTION: "1" }])
    assert.match(await seen(env as Record<string, string>), /[^\\]\(config-not-found\)/);
});

test("help of every command fits every width from 60 columns", () => {
  for (const { columns } of looks) {
    const cli = program("1.0.0", async () => undefined);
    for (const command of commandsOf(cli)) {
      const help = command.createHelp();
      help.prepareContext({ helpWidth: columns });
      const lines = help.formatHelp(command, help).split("\n");
      for (const line of lines) assert.ok(line.length <= columns + 9, `${command.name()} at ${columns}: ${line}`);
    }
  }
});

test("a pipe gets no control characters, and lines as long as they are", async () => {
  for (const args of [
    ["--help"],
    ["plan", "--sandbox"],
    ["status", "--sandbox"],
    ["validate", "--config", "many.json"],
  ]) {
    const { stdout, stderr } = await multivac(args, { cwd, env: { MULTIVAC_SANDBOX: aws.id } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    assert.doesNotMatch(stdout + stderr, /\u001b/, args.join(" "));
  }
  const plan = await aws.run(["plan"], { cwd });
  assert.match(plan.stdout, /^ {4}healthCheck +protocol: HTTP, .*unhealthyThreshold: 2$/m);
});

test("every command is among those above", () => {
  const missing = commandNames.filter((name) => name !== "sandbox" && !seenCommands.has(name) && !(name in elsewhere));
  assert.deepEqual(missing, []);
});
