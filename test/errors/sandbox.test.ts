import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";
import { execa } from "execa";
import { commandFile, environment, multivac, type Ran, temporaryFolder } from "../command-line.ts";
import { assertEnds } from "./documented.ts";

/** What keeps a sandbox from starting, or is wrong with how it is asked. */

const other = { MULTIVAC_SANDBOX: "test-errors-none" };
after(() => multivac(["sandbox", "stop", "--yes"], { env: other }));

const ends = (ran: Parameters<typeof assertEnds>[0], code: string, fix: RegExp) =>
  assertEnds(ran, code, { exit: 1, fix });

test("an id that is none, and one that does not run", async () => {
  const wrong = await multivac(["sandbox", "status", "--json"], { env: { MULTIVAC_SANDBOX: "../x" } });
  ends(wrong, "invalid-sandbox-id", /MULTIVAC_SANDBOX/);
  ends(await multivac(["sandbox", "faults", "--json"], { env: other }), "sandbox-not-running", /sandbox start/);
});

test("programs that are not there: missing-prerequisites, with the commands that bring them", async (t) => {
  const PATH = await temporaryFolder(t);
  // With these it can find out what else there is not.
  for (const name of ["flock", "cat", "mkdir", "mount", "umount"])
    await symlink(`/usr/bin/${name}`, path.join(PATH, name));
  const ran = await multivac(["sandbox", "start", "--json"], { env: { ...other, PATH } });
  ends(ran, "missing-prerequisites", /^Install what is missing: apt-get install .*packer/);
  const nothing = await multivac(["sandbox", "stop", "--json"], { env: { ...other, PATH: "/nowhere" } });
  ends(nothing, "missing-prerequisites", /util-linux/);
});

test("a daemon that ends before it is ready: sandbox-not-started", async () => {
  const end = `if (process.argv[1]?.endsWith("daemon.cjs")) { console.error("no more memory"); process.exit(7); }`;
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(end)}"`;
  const ran = await multivac(["sandbox", "start", "--no-machines", "--json"], { env: { ...other, NODE_OPTIONS } });
  ends(ran, "sandbox-not-started", /daemon\.log/);
  assert.match(ran.json().error?.cause ?? "", /no more memory/);
});

test("a moto that ends before it answers: moto-not-started, with its last words", async (t) => {
  const PYTHONPATH = await temporaryFolder(t);
  await mkdir(path.join(PYTHONPATH, "moto"));
  await writeFile(path.join(PYTHONPATH, "moto/__init__.py"), 'raise SystemExit("moto is unwell")\n');
  const ran = await multivac(["sandbox", "start", "--no-machines", "--json"], { env: { ...other, PYTHONPATH } });
  ends(ran, "moto-not-started", /pip install/);
  assert.match(ran.json().error?.cause ?? "", /moto is unwell/);
});

test("a web server on port 80 of every address: port-taken, before anything is made", async () => {
  const program = `require("node:http").createServer().listen(80, "0.0.0.0", () => {
    const [file, ...args] = process.argv.slice(1);
    require("node:child_process").spawn(file, args, { stdio: "inherit" }).on("exit", (code) => process.exit(code));
  })`;
  const start = [process.execPath, commandFile, "sandbox", "start", "--no-machines", "--json"];
  // In a network namespace of its own: port 80 of this machine is other sandboxes'.
  const command = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, "-e", program, ...start];
  const ran = await execa("unshare", ["--net", ...command], {
    env: environment(other),
    extendEnv: false,
    reject: false,
  });
  const json = () => JSON.parse(ran.stdout);
  ends({ code: ran.exitCode ?? -1, stderr: ran.stderr, json }, "port-taken", /ss -ltnp/);
});

/** Starts a sandbox where /etc/apt is another, which only that process sees. */
async function startWith(sources: string): Promise<Pick<Ran, "code" | "stderr" | "json">> {
  const script = 'mount -t tmpfs none /etc/apt && printf "$SOURCES" > /etc/apt/sources.list && exec "$@"';
  const command = [process.execPath, commandFile, "sandbox", "start", "--json"];
  const ran = await execa("unshare", ["--mount", "sh", "-c", script, "sh", ...command], {
    env: environment({ ...other, SOURCES: sources }),
    extendEnv: false,
    reject: false,
  });
  return { code: ran.exitCode ?? -1, stderr: ran.stderr, json: () => JSON.parse(ran.stdout) };
}

test("a host without package sources, and one whose sources do not answer", async () => {
  ends(await startWith(""), "no-package-sources", /\/etc\/apt/);
  const nowhere = "deb [trusted=yes] file:///nowhere bookworm main\\n";
  const failed = await startWith(nowhere);
  ends(failed, "base-root-failed", /apt-get update/);
  assert.match(failed.json().error?.cause ?? "", /index files failed/);
});
