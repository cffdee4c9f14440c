import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { goodConfig, multivac, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { programs } from "../programs.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { assertEnds } from "./documented.ts";

/** What ends a command before anything is changed, or before a bake has begun. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("errors-before", { machines: false });
  const example = ["--config", "config.example.json", "--environment", "test"];
  const first = await aws.run(["deploy", "--yes", "--image", aws.baseImageId, ...example]);
  assert.equal(first.code, 0, first.stderr);
});
after(() => aws?.stop());

/** Stacks of their own, which go with the sandbox. */
let count = 0;

interface Call {
  config?: object;
  env?: Record<string, string>;
  sandbox?: boolean;
}

async function run(t: TestContext, args: string[], { config = {}, env = {}, sandbox = true }: Call = {}): Promise<Ran> {
  const cwd = await temporaryFolder(t);
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  await writeConfig(cwd, { ...goodConfig, network, name: `before-${count++}`, ...config });
  const own = sandbox ? { MULTIVAC_SANDBOX: aws.id } : aws.env;
  return await multivac([...args, "--json", ...(sandbox ? ["--sandbox"] : [])], { cwd, env: { ...own, ...env } });
}

const ends = (ran: Ran, code: string, fix: RegExp) => assertEnds(ran, code, { exit: 1, fix });
const deploy = ["deploy", "--yes"];

test("a config that cannot be read: config-unreadable", async (t) => {
  const file = path.join(await temporaryFolder(t), "loop.json");
  await symlink(file, file);
  const ran = await multivac(["validate", "--json", "--config", file]);
  ends(ran, "config-unreadable", /permissions/);
});

test("a file without an end is read no further than a config, a plan or faults could be", async () => {
  const run = (...args: string[]) => multivac([...args, "--json"]);
  ends(await run("validate", "--config", "/dev/zero"), "config-unreadable", /--config/);
  ends(await run("deploy", "--plan", "/dev/zero"), "plan-unreadable", /plan/);
});

test("an image of another architecture, one that is not ready, one that is not there", async (t) => {
  ends(await run(t, [...deploy, "--image", "ami-0123456789abcdef0"]), "image-not-found", /id and the region/);
  const arm = { config: { instances: { type: "t4g.micro" } } };
  ends(await run(t, [...deploy, "--image", aws.baseImageId], arm), "architecture-mismatch", /x86_64/);
  await aws.control("faults", { rules: [{ action: "CreateImage", fault: { kind: "slow", seconds: 3600 } }] });
  const image = await makeImage(aws, "aaaaaaaaaaaa");
  ends(await run(t, [...deploy, "--image", image]), "image-not-available", /Wait until it is available/);
});

test("an instance type that EC2 does not offer, and no base image", async (t) => {
  const huge = { config: { instances: { type: "t9.huge" } } };
  ends(await run(t, ["plan", "--image", aws.baseImageId], huge), "unknown-instance-type", /instances\.type/);
  ends(await run(t, ["plan"], { sandbox: false }), "no-base-image", /image\.os|Allowed AMIs/);
});

test("what nobody has foreseen: bug, with a stack to report", async (t) => {
  const broken = `import path from "node:path";
    const { resolve } = path;
    path.resolve = (...parts) => {
      if (parts[0] === "config.json") throw new RangeError("unforeseen");
      return resolve(...parts);
    };`;
  const ran = await run(t, ["validate"], { env: preload(broken) });
  assert.equal(ran.code, 1);
  assert.equal(ran.json().error?.code, "bug", ran.stderr);
  assert.match(ran.stderr, /This is a bug in multivac.*RangeError: unforeseen\n\s+at /s);
});

for (const [code, package_] of [
  ["packer-missing", "packer"],
  ["ansible-playbook-missing", "ansible-core"],
  ["ssh-missing", "openssh-client"],
] as const) {
  test(`a bake without a program that it needs: ${code}`, async (t) => {
    const names = ["packer", "ansible-playbook", "ssh"].filter((name) => `${name}-missing` !== code);
    const ran = await run(t, deploy, { env: await programs(t, names) });
    ends(ran, code, new RegExp(`apt-get install ${package_}`));
  });
}

test("Packer's plugins that cannot be fetched: packer-plugins-missing", async (t) => {
  const packer = 'case "$1" in version) echo "Packer v1.11.2";; *) echo "no route to github.com"; exit 1;; esac';
  const ran = await run(t, deploy, { env: await programs(t, ["ansible-playbook", "ssh"], { packer }) });
  ends(ran, "packer-plugins-missing", /network/);
  assert.match(ran.json().error?.cause ?? "", /no route to github/);
});

test("braces that Packer would take for its own, and a log that cannot be written", async (t) => {
  const TMPDIR = path.join(await temporaryFolder(t), "{{ x }}");
  await mkdir(TMPDIR);
  ends(await run(t, deploy, { env: { TMPDIR } }), "packer-refuses-braces", /folder names/);
  ends(await run(t, deploy, { env: { XDG_STATE_HOME: "/dev/null" } }), "log-not-writable", /XDG_STATE_HOME/);
});

test("a machine that cannot find out its own address: no-public-address", async (t) => {
  await aws.control("faults", {});
  // Its base is the one of the next image.
  await makeImage(aws, "bbbbbbbbbbbb");
  // Stands for a network without a way out; nothing of this test leaves the machine.
  const env = preload(`globalThis.fetch = async () => { throw new TypeError("fetch failed") };`);
  const ran = await run(t, deploy, { config: { name: "hello", image: { os: "debian-12" } }, env, sandbox: false });
  ends(ran, "no-public-address", /checkip\.amazonaws\.com/);
});

/** Variables that let the command run this code before its own. */
function preload(code: string): Record<string, string> {
  return { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"` };
}
