import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, type TestContext, test } from "node:test";
import xterm from "@xterm/headless";
import { boto } from "../boto3.ts";
import { packageRoot, temporaryFolder } from "../command-line.ts";
import { startPlainMoto } from "../plain-moto.ts";
import { keys, multivacOnTerminal } from "../terminal.ts";

/** What `init` asks on a terminal. */

const down = "\u001b[B";
const space = " ";
let env: Awaited<ReturnType<typeof startPlainMoto>>;
let stop: (() => unknown)[] = [];
before(async () => {
  env = await startPlainMoto({ after: (end: () => unknown) => stop.push(end) } as never);
});
test.after(() => {
  for (const end of stop) end();
  stop = [];
});

type Typed = [question: string, text: string][];

async function site(t: TestContext, layout: string): Promise<string> {
  const folder = path.join(await temporaryFolder(t), layout);
  await cp(path.join(packageRoot, "test/init/layouts", layout), folder, { recursive: true });
  return folder;
}

interface Terminal {
  columns?: number;
  args?: string[];
  env?: Record<string, string>;
}

async function onTerminal(cwd: string, typed: Typed, { columns = 80, args = [], env: more = env }: Terminal = {}) {
  const ran = await multivacOnTerminal(["init", ...args], { cwd, env: more, typed, columns });
  return { ...ran, shown: await rendered(ran.screen, columns) };
}

/** The lines that the terminal shows in the end. */
async function rendered(screen: string, columns: number): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: 300, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(screen, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, line) => active.getLine(line)?.translateToString(true) ?? "");
  return lines.join("\n").trimEnd().split("\n");
}

const read = async (folder: string) => JSON.parse(await readFile(path.join(folder, "config.json"), "utf8"));
const toTheEnd: Typed = [
  ["The stack's name", keys.enter],
  ["Which public subnets?", keys.enter],
  ["Which instance type?", keys.enter],
  ["Write ", keys.enter],
];

for (const [columns, colour] of [
  [60, true],
  [80, false],
  [200, true],
] as const) {
  test(`at ${columns} columns, ${colour ? "in colour" : "without"}: every proposal taken, nothing torn`, async (t) => {
    const cwd = await site(t, "django-startproject");
    const typed: Typed = [["Which app?", keys.enter], ...toTheEnd];
    const more = { ...env, ...(colour ? {} : { NO_COLOR: "1" }) };
    const { code, shown, screen, stdout } = await onTerminal(cwd, typed, { columns, env: more });
    assert.equal(code, 0, screen);
    assert.equal(screen.includes("\u001b[36m"), colour);
    assert.match(stdout, /^Written: requirements-multivac\.txt, config\.json\. .*\nDeploy it with: /);
    assert.ok(!stdout.includes("\u001b"));
    const begun = shown.slice(shown.findIndex((line) => line.startsWith("┌")));
    for (const line of begun)
      assert.match(line, /^[┌│◇▲└]/, "every line stands at the guide, none is torn by the width");
    const all = begun.map((line) => line.replace(/^[│◇▲] */, "")).join(" ");
    for (const told of [
      "Django mysite.wsgi:application",
      "Network: vpc-",
      "health checks ask by a machine's address, to which Django answers 400",
      "# What the machines get by pip. Written by multivac init; yours to change.",
      '"module": "mysite.wsgi:application"',
      "Write requirements-multivac.txt, config.json?",
    ])
      assert.ok(all.replaceAll(/ +/g, " ").includes(told), `${told}\n${begun.join("\n")}`);
    assert.equal((await read(cwd)).name, "django-startproj");
  });
}

test("other answers than the proposed: another app, a name, three subnets, another type", async (t) => {
  const cwd = await site(t, "procfile");
  const { code, screen } = await onTerminal(cwd, [
    ["Which app?", `${down}${keys.enter}`],
    ["The stack's name", `Not a name${keys.enter}`],
    ["It must be 2–16 characters", `${"\u007f".repeat(10)}shop${keys.enter}`],
    ["Which public subnets?", `${down}${down}${space}${keys.enter}`],
    ["Which instance type?", `${down}${keys.enter}`],
    ["Write ", keys.enter],
  ]);
  assert.equal(code, 0, screen);
  const config = await read(cwd);
  assert.equal(config.name, "shop");
  assert.equal(config.app.module, "gettingstarted.wsgi:application");
  assert.equal(config.network.subnetIds.length, 3);
  assert.equal(config.instances.type, "t3a.micro");
});

test("one subnet alone is not taken", async (t) => {
  const { code, screen, shown } = await onTerminal(await site(t, "flask-minimal"), [
    ["The stack's name", keys.enter],
    ["Which public subnets?", `${space}${keys.enter}`],
    // The cursor is hidden once the prompt is there again.
    ["choose subnets of two.\r\n\u001b[?25l", keys.interrupt],
  ]);
  assert.equal(code, 130, screen);
  assert.ok(shown.join("\n").includes("A load balancer stands in two Availability Zones"));
});

for (const [what, key, code, error] of [
  ["Ctrl-C", keys.interrupt, 130, "interrupted"],
  ["Ctrl-D", keys.endOfInput, 1, "answered-no"],
  ["no", `n${keys.enter}`, 1, "answered-no"],
] as const) {
  test(`${what} at the last question: exit ${code}, and nothing is written`, async (t) => {
    const cwd = await site(t, "flaskr-tutorial");
    const before = await readdir(cwd);
    const typed: Typed = [...toTheEnd.slice(0, 3), ["Write requirements-multivac.txt, config.json?", key]];
    const ran = await onTerminal(cwd, typed, { args: ["--json"] });
    assert.equal(ran.code, code, ran.screen);
    assert.equal(JSON.parse(ran.stdout).error.code, error);
    assert.deepEqual(await readdir(cwd), before);
  });
}

test("a config that is there is replaced only after a yes", async (t) => {
  const cwd = await site(t, "flask-minimal");
  const file = path.join(cwd, "config.json");
  await writeFile(file, "mine");
  const kept = await onTerminal(cwd, [["Replace all of it?", keys.enter]]);
  assert.equal(kept.code, 1, kept.screen);
  assert.equal(await readFile(file, "utf8"), "mine");
  const replaced = await onTerminal(cwd, [["Replace all of it?", `y`], ...toTheEnd]);
  assert.equal(replaced.code, 0, replaced.screen);
  assert.equal((await read(cwd)).name, "flask-minimal");
});

test("a folder with no app: the starter app, or a command", async (t) => {
  const folder = path.join(await site(t, "go-module"));
  const command = await onTerminal(folder, [
    ["What now?", keys.enter],
    ["The command that serves on $PORT", `./hello $PORT${keys.enter}`],
    ...toTheEnd,
  ]);
  assert.equal(command.code, 0, command.screen);
  assert.match(command.shown.join(" "), /Looked for a Flask, Django.*looks like Go\./);
  assert.equal((await read(folder)).app.command, "./hello $PORT");
  const again: Typed = [["What now?", `${down}${keys.enter}`], ...toTheEnd];
  const starter = await onTerminal(folder, again, { args: ["--force"] });
  assert.equal(starter.code, 0, starter.screen);
  assert.equal((await read(folder)).app.module, "tiny_app:app");
  assert.ok(existsSync(path.join(folder, "app/tiny_app.py")));
});

test("without region and credentials: the person is told, and asked for the ids", async (t) => {
  const cwd = await site(t, "flask-minimal");
  const typed: Typed = [
    ["The stack's name", keys.enter],
    ["The AWS region", `nowhere${keys.enter}`],
    ["like ap-southeast-2", `${"\u007f".repeat(7)}eu-west-1${keys.enter}`],
    ["The VPC's id", `vpc-0123456789abcdef0${keys.enter}`],
    ["Two public subnets", `subnet-0123456789abcdef0, subnet-0123456789abcdef1${keys.enter}`],
    ["The instance type", keys.enter],
    ["Write ", keys.enter],
  ];
  const { code, screen, shown } = await onTerminal(cwd, typed, { env: {} });
  assert.equal(code, 0, screen);
  assert.match(shown.join("\n"), /AWS cannot be asked: .*credentials/i);
  assert.match(shown.join("\n"), /The config has no accountId/);
  const { region, accountId, network, instances } = await read(cwd);
  assert.deepEqual([region, accountId], ["eu-west-1", undefined]);
  assert.deepEqual(network.subnetIds, ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]);
  assert.equal(instances.type, "t3.micro");
});

test("several VPCs: which one is asked, and those that would not do cannot be chosen", async (t) => {
  const ec2 = (operation: string, parameters: object = {}) => boto(env, "ec2", operation, parameters);
  // Default subnets are public in moto; with these gone there is none, until two VPCs have a way out.
  const made: string[] = [];
  for (const block of ["10.1", "10.2", "10.3"]) {
    const { VpcId } = (await ec2("create_vpc", { CidrBlock: `${block}.0.0/16` })).Vpc;
    made.push(VpcId);
    for (const [index, zone] of ["a", "b"].entries()) {
      const CidrBlock = `${block}.${index}.0/24`;
      await ec2("create_subnet", { VpcId, CidrBlock, AvailabilityZone: `ap-southeast-2${zone}` });
    }
    if (block === "10.3") continue;
    const { InternetGatewayId: GatewayId } = (await ec2("create_internet_gateway")).InternetGateway;
    await ec2("attach_internet_gateway", { InternetGatewayId: GatewayId, VpcId });
    const Filters = [{ Name: "vpc-id", Values: [VpcId] }];
    const [table] = (await ec2("describe_route_tables", { Filters })).RouteTables;
    await ec2("create_route", { RouteTableId: table.RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId });
  }
  await ec2("create_tags", { Resources: [made[0], made[1]], Tags: [{ Key: "multivac:network", Value: "either" }] });
  const cwd = await site(t, "flask-minimal");
  const { code, screen } = await onTerminal(cwd, [
    ["The stack's name", keys.enter],
    ["Which VPC?", `${down}${keys.enter}`],
    ["Which instance type?", keys.enter],
    ["Write ", keys.enter],
  ]);
  assert.equal(code, 0, screen);
  assert.match(screen, /no public subnets in two zones/);
  const second = [made[0] as string, made[1] as string].sort()[1];
  assert.equal((await read(cwd)).network.vpcId, second);
});
