import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { instance, published, testPrices } from "../cost/price-list.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { screenOf } from "../screens/screen.ts";
import { keys, multivacOnTerminal } from "../terminal.ts";

/** `cost`, and what plan and deploy say of it, on the AWS API without machines. Its price list is a test's own. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("cost", { machines: false });
  await aws.control("products", testPrices);
});
after(() => aws?.stop());

interface Range {
  min: number;
  max: number;
}

interface Cost {
  month: Range;
  now: Range | null;
  items: {
    resource: string;
    kind: string;
    what: string;
    price: number | null;
    monthly: Range | null;
    [key: string]: unknown;
  }[];
  leftOut: string[];
  notes: string[];
  stack: { account: string | null };
}

/** A folder with a config of the sandbox's network and a cache of its own. */
async function folderOf(t: TestContext, changes: Record<string, unknown> = {}): Promise<string> {
  const cwd = await temporaryFolder(t);
  const { vpcId, subnetIds } = aws;
  await writeConfig(cwd, { network: { vpcId, subnetIds }, instances: { min: 1, max: 3 }, ...changes });
  return cwd;
}

/** Runs the command as on AWS: the endpoint is a custom one, not `--sandbox`. */
function run(cwd: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  return multivac(args, { cwd, env: { ...aws.env, XDG_CACHE_HOME: path.join(cwd, "cache"), ...env } });
}

const less = (from: number, by: number) => Math.round((from - by) * 100) / 100;
const cacheFile = (cwd: string) => path.join(cwd, "cache/multivac/prices/ap-southeast-2.json");
const documentOf = (ran: Ran) => ran.json() as unknown as Cost;
const deployed = (cwd: string, ...args: string[]) =>
  run(cwd, ["deploy", "--yes", "--no-wait", "--image", aws.baseImageId, ...args]);

/** How many calls to the price list there were since the last time this was asked, and whether any call changed something. */
async function asked(): Promise<number> {
  const calls = await aws.calls();
  return calls.filter(({ service }) => service === "pricing").length;
}

async function age(cwd: string, hours: number): Promise<void> {
  const cache = JSON.parse(await readFile(cacheFile(cwd), "utf8"));
  for (const entry of Object.values(cache.entries) as { asked: string }[])
    entry.asked = new Date(Date.now() - hours * 3_600_000).toISOString();
  await writeFile(cacheFile(cwd), JSON.stringify(cache));
}

const table = `hello-test in ap-southeast-2: 1389.45–3130.43 USD a month, and what its traffic costs
Nothing of it is there yet.

  load balancer                1  0.5555/hour                 405.52
    capacity units (LCU)          0.6666/LCU-hour         by traffic
    public IPv4, one a zone    2  0.0777/hour                 113.44
  t3.micro instances         1–3  1.1111/hour       811.10 – 2433.31
    8 GiB gp3 volumes        1–3  0.3333/GB-month     2.67 –    8.00
    public IPv4              1–3  0.0777/hour        56.72 –  170.16
  snapshots of images             0.4444/GB-month      by their size
  a month, USD                                     1389.45 – 3130.43

On demand, in 730 hours a month, rounded to cents.
Prices of ap-southeast-2 from AWS's price list, published 2001-02-03.
Not in it:
`;

test("cost prices each thing of the config from AWS's price list, in numbers that line up, and changes nothing", async (t) => {
  const cwd = await folderOf(t);
  await aws.calls();
  const ran = await run(cwd, ["cost"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(ran.stdout.startsWith(table), ran.stdout);
  for (const left of [/traffic/, /CPU credits of t3\.micro/, /bakes/, /free tier, discounts.*taxes/])
    assert.match(ran.stdout.slice(table.length), left);
  const calls = await aws.calls();
  assert.deepEqual(
    calls.filter(({ changing }) => changing),
    [],
  );
  assert.equal(calls.filter(({ service }) => service === "pricing").length, 6);
});

for (const [columns, colour] of [
  [60, true],
  [80, false],
  [200, true],
] as const) {
  test(`cost on a terminal of ${columns} columns: sums below each other, no line is broken, ${colour ? "" : "no "}colour`, async (t) => {
    const cwd = await folderOf(t);
    const env = { ...aws.env, XDG_CACHE_HOME: path.join(cwd, "cache"), ...(colour ? {} : { NO_COLOR: "1" }) };
    const ran = await multivacOnTerminal(["cost"], { cwd, env, columns, whole: true });
    assert.equal(ran.code, 0, ran.screen);
    const { lines } = await screenOf(ran.screen, columns);
    assert.deepEqual(
      lines.filter(({ broken }) => broken),
      [],
    );
    const rows = lines
      .map(({ text }) => text)
      .filter((text) => /^ {2,4}[a-z0-9].*( \d+\.\d\d| traffic| size)$/.test(text));
    assert.equal(rows.length, 8);
    assert.equal(new Set(rows.map((row) => row.length)).size, 1, rows.join("\n"));
    const dashes = rows.map((row) => row.indexOf(" – ")).filter((at) => at > 0);
    assert.deepEqual([dashes.length, new Set(dashes).size], [4, 1], rows.join("\n"));
    assert.equal(rows.join().includes("0.6666/LCU-hour"), columns > 60, "single prices where there is room for them");
    assert.equal(ran.screen.includes("\u001b[1mhello-test"), colour);
  });
}

test("cost --json adds up, and tells of each price what it is of, where it stands and of when", async (t) => {
  const cwd = await folderOf(t);
  const { version, stack, currency, month, now, items, notes } = (
    await run(cwd, ["cost", "--json"])
  ).json() as never as Cost & {
    version: 1;
    currency: string;
  };
  assert.deepEqual({ version, currency, notes }, { version: 1, currency: "USD", notes: [] });
  assert.deepEqual(stack, { name: "hello", environment: "test", region: "ap-southeast-2", account: "123456789012" });
  assert.deepEqual(now, { min: 0, max: 0 });
  const sum = (end: "min" | "max") => items.reduce((all, { monthly }) => all + (monthly?.[end] ?? 0), 0).toFixed(2);
  assert.deepEqual([sum("min"), sum("max")], [month.min.toFixed(2), month.max.toFixed(2)]);
  assert.deepEqual(
    items.find(({ kind }) => kind === "instance"),
    {
      resource: "auto-scaling-group",
      kind: "instance",
      what: "t3.micro instances",
      count: { min: 1, max: 3 },
      quantity: { min: 730, max: 2190 },
      unit: "hour",
      price: 1.1111,
      monthly: { min: 811.1, max: 2433.31 },
      source: "AWS Price List API",
      priceRegion: "ap-southeast-2",
      date: published,
    },
  );
  const open = items.filter(({ monthly }) => monthly === null);
  assert.deepEqual(
    open.map(({ kind, quantity, price, why }) => ({ kind, quantity, price, why })),
    [
      { kind: "load-balancer-capacity-unit", quantity: null, price: 0.6666, why: "by traffic" },
      { kind: "snapshot", quantity: null, price: 0.4444, why: "by their size" },
    ],
  );
});

test("AWS's price list is asked once a day, for what is not known yet", async (t) => {
  const cwd = await folderOf(t);
  await asked();
  await run(cwd, ["cost"]);
  assert.equal(await asked(), 6);
  const { mode } = await stat(cacheFile(cwd));
  assert.equal(mode & 0o077 & 0o022, 0, "nobody else may write it");
  await run(cwd, ["cost"]);
  assert.equal(await asked(), 0);
  await writeConfig(cwd, { network: { vpcId: aws.vpcId, subnetIds: aws.subnetIds }, instances: { type: "t3.small" } });
  assert.match((await run(cwd, ["cost"])).stdout, /t3\.small instances +1 +2\.2222\/hour +1622\.21/);
  assert.equal(await asked(), 1, "the other type alone");
  await age(cwd, 25);
  await run(cwd, ["cost"]);
  assert.equal(await asked(), 6);
  await writeFile(cacheFile(cwd), "no JSON");
  assert.match((await run(cwd, ["cost"])).stdout, /2\.2222\/hour/);
  assert.equal(await asked(), 6, "a broken cache is none");
  const cache = JSON.parse(await readFile(cacheFile(cwd), "utf8"));
  assert.equal(Object.keys(cache.entries).length, 6);

  const ofAws = JSON.stringify({ ...cache, endpoint: null });
  await writeFile(cacheFile(cwd), ofAws);
  await run(cwd, ["cost"]);
  assert.equal(await asked(), 6, "AWS's own answers are not taken for those of another endpoint");
  assert.equal(await readFile(cacheFile(cwd), "utf8"), ofAws, "nor replaced by these");
});

test("what the list has twice, in steps or in another unit has no price: nothing is guessed", async (t) => {
  const cwd = await folderOf(t);
  t.after(() => aws.control("products", testPrices));
  const changed = structuredClone(testPrices) as {
    product: { attributes: { usagetype: string } };
    terms: { OnDemand: object };
  }[];
  const of = (usage: string) => changed.find(({ product }) => product.attributes.usagetype === usage);
  const dimensionsOf = (usage: string) =>
    Object.values(of(usage)?.terms.OnDemand ?? {})[0].priceDimensions as Record<string, { unit: string }>;
  const [gp3] = Object.values(dimensionsOf("APS2-EBS:VolumeUsage.gp3"));
  Object.assign(dimensionsOf("APS2-EBS:VolumeUsage.gp3"), { another: { ...gp3, beginRange: "100" } });
  for (const dimension of Object.values(dimensionsOf("APS2-PublicIPv4:InUseAddress"))) dimension.unit = "Quantity";
  await aws.control("products", [...changed, instance("t3.micro", "3.0000000000")]);

  const { items, month } = documentOf(await run(cwd, ["cost", "--json"]));
  const unknown = items.filter(({ price }) => price === null).map(({ resource, kind }) => `${resource} ${kind}`);
  assert.deepEqual(unknown, [
    "load-balancer public-ipv4-address",
    "auto-scaling-group instance",
    "auto-scaling-group volume",
    "auto-scaling-group public-ipv4-address",
  ]);
  assert.deepEqual(month, { min: 405.52, max: 405.52 }, "only the load balancer has a price");
  const { stdout } = await run(cwd, ["cost"]);
  assert.match(stdout, /405\.52 USD a month, without what has no price here$/m);
  assert.match(stdout, /^ {2}t3\.micro instances +1–3 +unknown$/m);
  assert.match(
    stdout,
    /^! No price is known here for: public IPv4, one a zone, t3\.micro instances, 8 GiB gp3 volumes/m,
  );
});

test("where AWS refuses its price list: an older answer, else the dated prices, and why", async (t) => {
  const cwd = await folderOf(t);
  const refuse = { action: "GetProducts", fault: { kind: "refuse", code: "AccessDeniedException" } };
  t.after(() => aws.control("faults", {}));
  await aws.control("faults", { rules: [refuse] });
  const { items, month, notes } = documentOf(await run(cwd, ["cost", "--json"]));
  assert.deepEqual(month, { min: 27.38, max: 34.68 });
  assert.deepEqual(
    items
      .filter(({ price }) => price !== null)
      .map(({ kind, price, source, priceRegion, date }) => [kind, price, source, priceRegion, date]),
    [
      ["load-balancer", 0.0225, "https://aws.amazon.com/elasticloadbalancing/pricing/", "us-east-1", "2026"],
      ["public-ipv4-address", 0.005, "https://aws.amazon.com/vpc/pricing/", "us-east-1", "2026"],
      ["public-ipv4-address", 0.005, "https://aws.amazon.com/vpc/pricing/", "us-east-1", "2026"],
    ],
  );
  assert.match(notes.join("\n"), /^AWS's price list could not be asked\. .*pricing:GetProducts/);
  const { stdout } = await run(cwd, ["cost"]);
  assert.match(stdout, /load balancer +1 +0\.0225\/hour\* +16\.43/);
  assert.match(stdout, /^\* Prices of us-east-1 in 2026, which may have changed and differ by region:$/m);

  await aws.control("faults", {});
  await run(cwd, ["cost"]);
  await age(cwd, 24 * 400);
  await aws.control("faults", { rules: [refuse] });
  const old = documentOf(await run(cwd, ["cost", "--json"]));
  assert.deepEqual(old.month, { min: 1389.45, max: 3130.43 });
  assert.equal(old.notes.length, 1);
});

test("without credentials, and in a region whose accounts the list does not answer, it says what it can", async (t) => {
  const cwd = await folderOf(t);
  const nobody = await multivac(["cost", "--json"], { cwd, env: { XDG_CACHE_HOME: path.join(cwd, "cache") } });
  assert.equal(nobody.code, 0, nobody.stderr);
  const { stack, now, notes, month } = documentOf(nobody);
  assert.deepEqual([stack.account, now, month], [null, null, { min: 27.38, max: 34.68 }]);
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? "", /Neither .* credentials/);

  const china = await multivac(["cost", "--region", "cn-north-1"], {
    cwd,
    env: { XDG_CACHE_HOME: path.join(cwd, "cache") },
  });
  assert.equal(china.code, 0, china.stderr);
  assert.match(china.stdout, /It does not answer accounts of cn-north-1/);
});

test("cost tells what is there: other instances, what its images' snapshots hold at most, no addresses without a public subnet", async (t) => {
  const cwd = await folderOf(t);
  t.after(() => aws.reset());
  assert.equal((await deployed(cwd)).code, 0);
  assert.match((await run(cwd, ["cost"])).stdout, /^What is there now costs the same\.$/m);

  await makeImage(aws, "aaaaaaaaaaaa");
  await makeImage(aws, "bbbbbbbbbbbb");
  const [one] = documentOf(await run(cwd, ["cost", "--json"])).items.filter(({ kind }) => kind === "snapshot");
  assert.deepEqual(
    [one?.count, one?.quantity, one?.monthly],
    [
      { min: 2, max: 2 },
      { min: 0, max: 16 },
      { min: 0, max: 7.11 },
    ],
  );

  await writeConfig(cwd, {
    network: { vpcId: aws.vpcId, subnetIds: aws.subnetIds },
    instances: { type: "t3.small", min: 2, max: 3 },
  });
  const { stdout } = await run(cwd, ["cost"]);
  assert.match(stdout, /^What is there now costs 1389\.45–3137\.54 USD a month\.$/m);
  assert.match(stdout, /^ {2}t3\.small instances +2–3 +2\.2222\/hour +3244\.41 – 4866\.62$/m);

  for (const SubnetId of aws.subnetIds)
    await boto(aws.env, "ec2", "modify_subnet_attribute", { SubnetId, MapPublicIpOnLaunch: { Value: false } });
  const kinds = documentOf(await run(cwd, ["cost", "--json"])).items.map(({ resource, kind }) => `${resource} ${kind}`);
  assert.ok(!kinds.includes("auto-scaling-group public-ipv4-address"));
  assert.ok(kinds.includes("load-balancer public-ipv4-address"));
  const { cost } = (await run(cwd, ["plan", "--image", aws.baseImageId, "--json"])).json() as unknown as { cost: Cost };
  const { month } = documentOf(await run(cwd, ["cost", "--json"]));
  assert.deepEqual(
    cost.month,
    { min: month.min, max: less(month.max, 7.11) },
    "a plan counts as cost does, but for snapshots",
  );

  const [SubnetId] = aws.subnetIds;
  await boto(aws.env, "ec2", "modify_subnet_attribute", { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  const some = documentOf(await run(cwd, ["cost", "--json"])).items;
  assert.deepEqual(
    some.find(({ kind, resource }) => kind === "public-ipv4-address" && resource === "auto-scaling-group")?.count,
    { min: 0, max: 3 },
  );
});

test("plan tells the costs and their change, and asks for prices only where they change", async (t) => {
  const cwd = await folderOf(t);
  t.after(() => aws.reset());
  const plan = (...args: string[]) => run(cwd, ["plan", "--image", aws.baseImageId, ...args]);
  await asked();
  const first = await plan();
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stdout,
    /\nCosts: 1389\.45–3130\.43 USD a month, and what its traffic costs\n {2}load balancer 405\.52; public IPv4, one a zone 113\.44; t3\.micro instances 811\.10–2433\.31; 8 GiB gp3 volumes 2\.67–8\.00; public IPv4 56\.72–170\.16\n {2}prices published 2001-02-03; more: .* cost$/,
  );
  assert.ok((await asked()) > 0);
  await plan();
  assert.equal(await asked(), 0, "prices are known");

  const made = await deployed(cwd);
  assert.match(made.stderr, /^Costs: 1389\.45–3130\.43 USD a month/m);
  await writeFile(cacheFile(cwd), "");
  const same = await plan();
  assert.equal(same.stdout, "No changes: AWS is as the config says.");
  assert.equal(await asked(), 0);

  const { app } = goodConfig;
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  await writeConfig(cwd, { network, instances: { min: 1, max: 3 }, app: { ...app, env: { A: "1" } } });
  assert.doesNotMatch((await plan()).stdout, /Costs:/, "a change that costs nothing");
  assert.equal(await asked(), 0);

  await writeConfig(cwd, { network, instances: { type: "t3.small", min: 2, max: 3 } });
  assert.match((await plan()).stdout, /^Costs: 1389\.45–3130\.43 → 3882\.14–5563\.74 USD a month/m);
  const { cost, changes } = (await plan("--json")).json();
  assert.ok(Array.isArray(changes));
  const { items, ...sums } = cost as Cost;
  assert.deepEqual(items[0]?.monthly, { min: 405.52, max: 405.52 });
  assert.deepEqual(sums, {
    currency: "USD",
    month: { min: 3882.14, max: 5563.74 },
    now: { min: 1389.45, max: 3130.43 },
    change: { min: 2492.69, max: 2433.31 },
    without: [],
  });
});

test("a plan neither fails nor waits for the price list, and a deploy that asks nobody does not ask it", async (t) => {
  const cwd = await folderOf(t);
  t.after(() => aws.reset());
  t.after(() => aws.control("faults", {}));
  await aws.control("faults", { rules: [{ action: "GetProducts", fault: { kind: "hold" } }] });
  const began = performance.now();
  const plan = await run(cwd, ["plan", "--image", aws.baseImageId]);
  assert.equal(plan.code, 0, plan.stderr);
  assert.ok(performance.now() - began < 30_000);
  const dated =
    /^Costs: 27\.38–34\.68 USD a month, without what has no price here: t3\.micro instances, 8 GiB gp3 volumes\n {2}load balancer [\d.]+; .*\n {2}prices of us-east-1 in 2026, which differ by region/m;
  assert.match(plan.stdout, dated);
  await aws.control("faults", {});
  await asked();
  const made = await deployed(cwd);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, dated);
  assert.equal(await asked(), 0);
  // Who is asked sees prices of the region.
  await writeConfig(cwd, { network: { vpcId: aws.vpcId, subnetIds: aws.subnetIds }, instances: { type: "t3.small" } });
  const env = { ...aws.env, XDG_CACHE_HOME: path.join(cwd, "cache") };
  const typed: [string, string][] = [["Deploy this?", `n${keys.enter}`]];
  const { code, screen } = await multivacOnTerminal(["deploy", "--image", aws.baseImageId], { cwd, env, typed });
  assert.equal(code, 1, screen);
  assert.ok((await asked()) > 0);
});

test("the sandbox costs nothing, and is not started to say so", async (t) => {
  const cwd = await folderOf(t);
  const env = { MULTIVAC_SANDBOX: "test-cost-down" };
  const ran = await multivac(["cost", "--sandbox"], { cwd, env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^The sandbox costs nothing\. What hello-test would cost on AWS: \S+ \S+ cost$/);
  const { month, items } = documentOf(await multivac(["cost", "--sandbox", "--json"], { cwd, env }));
  assert.deepEqual([month, items], [{ min: 0, max: 0 }, []]);
  assert.notEqual((await multivac(["sandbox", "status"], { env })).code, 0);
  const plan = await aws.run(["plan", "--json", "--image", aws.baseImageId], { cwd });
  assert.deepEqual((plan.json().cost as Cost).month, { min: 0, max: 0 });
});
