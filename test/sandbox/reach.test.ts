import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { foldersOf } from "../../src/sandbox/folders.ts";
import { boto } from "../boto3.ts";
import { commandFile, environment, goodConfig, multivac, type RunOptions, writeConfig } from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";
import { eventually } from "../eventually.ts";
import { startFollowing } from "../followed.ts";
import { startOnTerminal } from "../live-terminal.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { keys } from "../terminal.ts";

/** `logs` and `ssh` on real machines: by SSH with its sshd, by SSM's commands, and into the machine itself. */

let aws: TestSandbox;
let home: string;
let env: Record<string, string>;
/** The instance that the app runs on, and one on which it has never run. */
let one: string;
let two: string;
before(async () => {
  aws = await startSandbox("logs-reach", { machines: true });
  home = await mkdtemp(path.join(tmpdir(), "multivac-"));
  env = { MULTIVAC_SANDBOX: aws.id, HOME: home };
  const key = path.join(home, ".ssh", "mine.pem");
  await mkdir(path.dirname(key), { mode: 0o700 });
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const PublicKeyMaterial = await readFile(`${key}.pub`, "utf8");
  await boto(aws.env, "ec2", "import_key_pair", { KeyName: "mine", PublicKeyMaterial });
  await boto(aws.env, "iam", "create_instance_profile", { InstanceProfileName: "reader" });
  await writeConfig(home, {
    ...goodConfig,
    image: { id: aws.baseImageId },
    instances: { min: 2, max: 2, keyName: "mine", sshFrom: ["192.0.2.0/24"], instanceProfile: "reader" },
    // The base image has no app: it is not to be replaced for that.
    loadBalancer: { healthCheck: { gracePeriodSeconds: 7200 } },
  });
  const ran = await aws.run(["deploy", "--yes", "--no-wait"], { cwd: home });
  assert.equal(ran.code, 0, ran.stderr);
  [one = "", two = ""] = await running(2);
  await startApp(one);
});
after(async () => {
  await aws?.stop();
  if (home) await rm(home, { recursive: true });
});

const named = ["--sandbox", "--name", "hello", "--environment", "test"];
const run = ([command = "", ...args]: string[], options: RunOptions = {}) =>
  multivac([command, ...named, ...args], { ...options, env: { ...env, ...options.env } });

/** The ids of the instances that run, once there are so many. */
async function running(count: number): Promise<string[]> {
  return await eventually(async () => {
    const up = ((await aws.state()).instance ?? []).filter(({ raw }) => raw.State.Name === "running");
    return up.length === count && up.map(({ id }) => id);
  });
}

/** An app as its unit would run it: much at once, what a terminal would obey, and then a line now and then. */
async function startApp(id: string): Promise<void> {
  const script = `i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "early $i ${"x".repeat(80)}"; done
    printf '\\033[31mred\\033[0m \\033]0;title\\007end\\n'
    while :; do i=$((i+1)); echo "late $i"; sleep 0.5; done`;
  const unit = ["--quiet", "--unit=app.service", "--property=SyslogIdentifier=app"];
  const ran = await run(["ssh", id, "--", "sudo", "systemd-run", ...unit, "sh", "-c", script]);
  assert.equal(ran.code, 0, ran.stderr);
}

/** The pids of the commands that tests have sleep on a machine, as the host sees them. */
const sleeping = async () => (await execa("pgrep", ["-f", "^sleep 98[567]$"], { reject: false })).stdout.split("\n");

const each = <T>(things: T[], look: (thing: T) => Promise<void>) => Promise.all(things.map(look));
const ways = [[], ["--way", "ssh"], ["--way", "ssm"]];

test("a command: its output, its exit code, and its arguments as they were given", async () => {
  await each(ways, async (way) => {
    const ran = await run(["ssh", one, ...way, "--", "echo out; echo err >&2; hostname >&2; exit 7"]);
    assert.equal(ran.code, 7, ran.stderr);
    assert.equal(ran.stdout, "out");
    assert.match(ran.stderr, /^err\nip-198-\d+-\d+-\d+$/);
    const exact = await run(["ssh", one, ...way, "--json", "--", "printf", "%s|", "$HOME", "a b", "it's", "*"]);
    const { exitCode, stdout, instance, way: by } = exact.json();
    assert.deepEqual([exact.code, exitCode, stdout, instance], [0, 0, "$HOME|a b|it's|*|", one]);
    assert.equal(by, way[1] ?? "machine");
    for (const written of ["a  b", "\n"]) {
      const args = [commandFile, "ssh", ...named, one, ...way, "--", "printf", "%s", written];
      const { stdout } = await execa(process.execPath, args, {
        env: environment(env),
        extendEnv: false,
        stripFinalNewline: false,
      });
      assert.equal(stdout, written, "not a byte more");
    }
    if (by === "ssm") return;
    const typed = await run(["ssh", one, ...way, "--", "cat; id -un"], { input: "typed\n" });
    assert.equal(typed.stdout, "typed\nadmin", "its stdin is ours, and it is not root");
  });
});

test("a shell on a terminal: a choice among the instances, its size, its keys, its exit code", async (t) => {
  const args = ["ssh", ...named];
  const shell = startOnTerminal(t, args, { env });
  const bySsh = startOnTerminal(t, [...args, one, "--way", "ssh"], { env });
  await shell.until(/Which instance\?/);
  shell.type("\u001b[B");
  await shell.until(new RegExp(`● ${two}`));
  shell.type(keys.enter);
  for (const terminal of [shell, bySsh]) {
    await terminal.until(/admin@ip-[\d-]+:~\$$/);
    terminal.resize(100, 40);
    // The new size and what is typed go their own ways.
    terminal.type("until [ \"$(stty size)\" = '40 100' ]; do sleep 0.1; done\r");
    terminal.type("stty size; echo by $(id -un) on $TERM; sleep 985\r");
    await terminal.until(/40 100\nby admin on xterm-256color/);
    await eventually(async () => (await sleeping())[0] !== "");
    terminal.type(keys.interrupt);
    await terminal.until(/\^C\nadmin@/);
    terminal.type("exit 9\r");
    assert.equal(await terminal.ended, 9);
  }
  const stopped = startOnTerminal(t, args, { env });
  await stopped.until(/Which instance\?/);
  stopped.type(keys.interrupt);
  assert.equal(await stopped.ended, 130);
});

interface Read {
  id: string;
  way: string;
  truncated: boolean;
  lines: { time: string; source: string | null; message: string }[];
}

test("the app's journal by each way, with times and without what a terminal would obey", async () => {
  const begun = new Date(Date.now() - 10 * 60_000).toISOString();
  await each(ways, async (way) => {
    const ran = await run(["logs", ...way, "--since", begun, "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const [log, none] = ran.json().instances as [Read, Read];
    assert.deepEqual([log.id, none.id], [one, two]);
    assert.equal(log.way, way[1] ?? "machine");
    assert.deepEqual(none.lines, []);
    assert.match(ran.stderr, new RegExp(`${two}: its app has written nothing`));
    const late = log.lines.filter(({ message }) => message.startsWith("late"));
    assert.deepEqual(late[0]?.message, "late 401");
    assert.ok(late.every(({ source, time }) => source === "app" && new Date(time).toISOString() === time));
    assert.ok(late.every(({ message }, index) => message === `late ${401 + index}`));
    const early = log.lines.filter(({ message }) => message.startsWith("early"));
    assert.equal(log.truncated, way[1] === "ssm", "SSM brings 24,000 characters");
    if (log.truncated) assert.match(ran.stderr, new RegExp(`${one}: there is more: SSM`));
    else assert.equal(early.length, 400);
    assert.ok(
      early.every(({ message }) => /^early \d+ x{80}$/.test(message)),
      "whole lines",
    );
  });
  const text = await run(["logs", "--instance", one, "--since", begun]);
  assert.match(text.stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z red .*end$/m);
  assert.ok(!text.stdout.includes("\u001b"));
  const last = await run(["logs", "--lines", "2"]);
  assert.match(last.stdout, new RegExp(`^${one} \\S+Z late \\d+\\n${one} \\S+Z late \\d+$`));
  const console = await run(["logs", "--instance", one, "--way", "console"]);
  assert.match(console.stdout, /Reached target .*graphical\.target/);
});

test("a key that is not let in, and a host that is not the one it was", async () => {
  const knownHosts = path.join(foldersOf(aws.id).state, "known_hosts", "123456789012-ap-southeast-2-hello-test");
  const known = await readFile(knownHosts, "utf8");
  assert.deepEqual(
    known.split("\n").flatMap((line) => line.split(" ")[0] || []),
    [one, two],
    "by the instances' ids",
  );
  const stranger = await mkdtemp(path.join(tmpdir(), "multivac-"));
  const ssh = ["ssh", one, "--way", "ssh", "--json", "--", "true"];
  const refused = await run(ssh, { env: { HOME: stranger } });
  await rm(stranger, { recursive: true });
  assertEnds(refused, "ssh-failed", { exit: 1, cause: /Permission denied \(publickey\)/, fix: /--way ssm/ });
  const [, another = ""] = known.split("\n").map((line) => line.split(" ").slice(1).join(" "));
  await writeFile(knownHosts, `${one} ${another}\n`);
  assertEnds(await run(ssh), "ssh-failed", { cause: /HOST IDENTIFICATION HAS CHANGED/ });
  const logs = await run(["logs", "--way", "ssh", "--instance", one, "--json"]);
  assertEnds(logs, "no-way-in", { cause: /SSH: .*Host key verification failed/ });
  await writeFile(knownHosts, known);
});

test("a session of SSM's has Ctrl-C, Ctrl-\\ and Ctrl-Z for itself, and ends by its own end", async (t) => {
  const bin = path.join(home, "bin");
  await mkdir(bin);
  // As the AWS CLI and its plugin do: the terminal goes on making signals, which are sent on.
  const session = `#!/usr/bin/env python3
import signal, sys, time
for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
    signal.signal(each, lambda number, _: print(f"sent {signal.Signals(number).name}", flush=True))
print("in a session", *sys.argv[1:], flush=True)
while sys.stdin.readline() != "exit\\n":
    pass
sys.exit(7)
`;
  for (const name of ["aws", "session-manager-plugin"]) await writeFile(path.join(bin, name), session, { mode: 0o755 });
  // As on AWS: the sandbox's own SSM has no sessions.
  const onAws = { ...aws.env, HOME: home, PATH: `${bin}:${process.env.PATH}` };
  const args = ["ssh", "--name", "hello", "--environment", "test", one, "--way", "ssm"];
  const shell = startOnTerminal(t, args, { env: onAws, columns: 200 });
  await shell.until(new RegExp(`in a session ssm start-session --target ${one}`));
  for (const [key, signal] of Object.entries({ "\u0003": "SIGINT", "\u001c": "SIGQUIT", "\u001a": "SIGTSTP" })) {
    shell.type(key);
    await shell.until(new RegExp(`sent ${signal}`));
  }
  shell.type("exit\r");
  assert.equal(await shell.ended, 7);
});

test("a command of SSM's ends with the one who waits for it", async (t) => {
  const waiting = startFollowing(t, ["ssh", ...named, two, "--way", "ssm", "--", "exec sleep 986"], env);
  await eventually(async () => (await sleeping())[0] !== "");
  assert.equal(await waiting.end(), 130);
  await eventually(async () => (await sleeping()).join() === "", 15);
});

test("following: what is written from now on, on instances that come too, until it is ended", async (t) => {
  const following = ways.map((way) => startFollowing(t, ["logs", ...named, "--follow", "--lines", "1", ...way], env));
  const json = startFollowing(t, ["logs", ...named, "--follow", "--json", "--instance", one], env);
  const piped = startFollowing(t, ["logs", ...named, "--follow"], env);
  for (const followed of [...following, json, piped]) await followed.until(/late \d+[\s\S]*late \d+[\s\S]*late \d+/);
  assert.equal(await piped.closeStdout(), 0, "ends when nobody reads it any more");
  assert.equal(await json.end(), 130);
  const documents = json.documents();
  assert.deepEqual(documents[0].stack, {
    name: "hello",
    environment: "test",
    region: "ap-southeast-2",
    account: "123456789012",
  });
  assert.deepEqual([documents[0].instance, documents[0].source], [one, "app"]);
  assert.equal(documents.at(-1).error.code, "interrupted");

  const cutOff = run(["ssh", two, "--way", "ssm", "--json", "--", "exec sleep 987"]);
  await eventually(async () => (await sleeping())[0] !== "");
  await boto(aws.env, "autoscaling", "terminate_instance_in_auto_scaling_group", {
    InstanceId: two,
    ShouldDecrementDesiredCapacity: false,
  });
  await eventually(async () => !(await running(2)).includes(two));
  const [, three = ""] = (await running(2)).sort((a) => (a === one ? -1 : 1));
  assertEnds(await cutOff, "command-not-run", { exit: 1, cause: /TimedOut/ });
  await startApp(three);
  for (const followed of following) {
    await followed.until(new RegExp(`${two} has gone\\.`));
    await followed.until(new RegExp(`${three} has come, of release ${aws.baseImageId}\\.`));
    await followed.until(new RegExp(`^${three} \\S+Z late 4\\d\\d$`, "m"));
    assert.equal(await followed.end(), 130);
    const late = [...followed.stdout().matchAll(new RegExp(`^${one} \\S+ late (\\d+)$`, "gm"))].map(([, n]) =>
      Number(n),
    );
    assert.ok(late.length > 3);
    assert.ok(
      late.every((n, index) => index === 0 || n === (late[index - 1] ?? 0) + 1),
      `each line once: ${late}`,
    );
  }
  const reading = async () => (await execa("pgrep", ["-f", "journalctl --unit=app"], { reject: false })).stdout;
  // By then the machine that is gone has been powered off, whatever runs on it.
  await eventually(async () => (await reading()) === "");
});
