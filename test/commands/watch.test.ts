import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { goodConfig, writeConfig } from "../command-line.ts";
import { startFollowing } from "../followed.ts";
import { startOnTerminal } from "../live-terminal.ts";
import { makeImage } from "../releases.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { keys } from "../terminal.ts";

let aws: TestSandbox;
let cwd: string;
before(async () => {
  aws = await startSandbox("logs-watch", { machines: false });
  cwd = await mkdtemp(path.join(tmpdir(), "multivac-"));
  // Longer than all of this takes: what is unhealthy is not replaced, and can be seen.
  const healthCheck = { gracePeriodSeconds: 3600 };
  await writeConfig(cwd, { ...goodConfig, instances: { min: 2, max: 2 }, loadBalancer: { healthCheck } });
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
});
after(async () => {
  await aws?.stop();
  if (cwd) await rm(cwd, { recursive: true });
});

const named = ["--name", "hello", "--environment", "test"];
const watching = ["status", "--watch", "--interval", "1", ...named];
const own = { MULTIVAC_SANDBOX: "test-logs-watch" };
const cursor = { shown: "\u001b[?25h", hidden: "\u001b[?25l" };

/** A roll under way, whose new instances never get healthy. */
async function roll(t: TestContext): Promise<void> {
  const image = await makeImage(aws, "aaaaaaaaaaaa");
  await aws.control("settings", { healthySeconds: 600 });
  t.after(() => aws.control("settings", { healthySeconds: 0.2 }));
  const ran = await aws.run(["deploy", "--yes", "--no-wait", "--image", image], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
}

async function abort(): Promise<void> {
  const ran = await aws.run(["abort", "--yes", ...named]);
  assert.equal(ran.code, 0, ran.stderr);
}

/** One of the instances answers health checks with 500 from now on. */
async function failOne(): Promise<string> {
  const id = (await aws.state()).instance?.[0]?.id ?? "";
  await aws.control(`targets/${id}`, { answer: 500 });
  return id;
}

test("a roll, on terminals of 60, 80 and 200 columns and without one", async (t) => {
  const lines = startFollowing(t, [...watching, "--sandbox"], own);
  const terminals = [60, 80, 200].map((columns) => {
    const terminal = startOnTerminal(t, [...watching, "--sandbox"], { columns, rows: 40, env: own });
    return { ...terminal, columns };
  });
  const each = <T>(look: (terminal: (typeof terminals)[number]) => Promise<T>) => Promise.all(terminals.map(look));
  await each(({ until }) => until(/hello-test {2}healthy[\s\S]*every 1 s; Ctrl-C ends/));
  await lines.until(/instance i-\w+ ap-southeast-2b \S+ healthy/);
  const first = lines.stdout();
  assert.match(first, /^\S+Z hello-test healthy$/m);
  assert.match(first, /^\S+Z url http:\/\/127\.\S+$/m);

  await roll(t);
  await lines.until(/Z roll 0 %, 2 old, [12] new, ami-\w+ → aaaaaaaaaaaa/);
  await lines.until(/instance i-\w+ \S+ aaaaaaaaaaaa initial/);
  const more = lines.stdout().slice(first.length);
  assert.match(more, /^\S+Z hello-test deploying$/m);
  assert.doesNotMatch(more, /url http/, "what is as it was is not told again");

  await each(async ({ until, screen, columns, resize, type }) => {
    await until(/roll +0 %, 2 old, [12] new[\s\S]*aaaaaaaaaaaa\s+initial/);
    const shown = await screen();
    assert.ok(
      shown.every((line) => line.length < columns),
      "nothing is broken by the terminal",
    );
    assert.equal(shown.filter((line) => line.startsWith("hello-test")).length, 1, "one view, drawn over itself");
    assert.match(shown.join("\n"), /\d\d:\d\d:\d\d {2}\w+ {2}Launching a new EC2 instance/);
    resize(50, 20);
    await until(/… \d+ more lines\n\n\d\d:\d\d:\d\d, every 1 s; Ctrl-C ends$/);
    type("typed by somebody\r");
  });
  await abort();
  await lines.until(/instance i-\w+ gone$/m);
  assert.equal(await lines.end(), 130);
  assert.equal(lines.stderr(), "", "who ends it need not be told");

  await each(async ({ until, screen, columns, resize, type, written, ended }) => {
    await until(/hello-test {2}healthy/);
    resize(columns, 40);
    await until(/auto scaling group +2 of 2 instances/);
    assert.doesNotMatch((await screen()).join("\n"), /roll|typed by/);
    assert.ok(!written().includes(cursor.shown), "the cursor is hidden");
    type(keys.interrupt);
    assert.equal(await ended, 130);
    const all = written();
    assert.equal(all.split("\u001b[?1049h").length, all.split("\u001b[?1049l").length, "left as often as entered");
    assert.ok(all.lastIndexOf(cursor.shown) > all.lastIndexOf(cursor.hidden), "the cursor is back");
    const left = (await screen()).join("\n");
    assert.match(left, /hello-test {2}healthy/, "the last look stays to be read");
    assert.doesNotMatch(left, /Ctrl-C|Interrupted|Stopping/);
  });
});

test("with --json a document whenever something has changed; it ends when nobody reads it any more", async (t) => {
  const watched = startFollowing(t, [...watching, "--sandbox", "--json"], own);
  const unread = startFollowing(t, [...watching, "--sandbox"], own);
  await unread.until(/hello-test healthy/);
  const closed = unread.closeStdout();
  await watched.until(/"state":"healthy"/);
  const [looked] = watched.documents();
  const place = { name: "hello", environment: "test", region: "ap-southeast-2", account: "123456789012" };
  assert.deepEqual(looked.stack, place);
  assert.equal(looked.version, 1);
  assert.equal(new Date(looked.time).toISOString(), looked.time);
  assert.equal(looked.activities.length, 3);
  await failOne();
  await watched.until(/"health":"unhealthy"/);
  assert.equal(await watched.end("SIGTERM"), 143);
  const documents = watched.documents();
  assert.ok(documents.length >= 3);
  assert.deepEqual(Object.keys(documents.at(-1)), ["version", "error"]);
  assert.equal(documents.at(-1).error.code, "interrupted");
  assert.equal(await closed, 0);
});

test("trouble of AWS is told and ends nothing; what will not pass ends it", async (t) => {
  const watched = startFollowing(t, watching, { ...aws.env, AWS_MAX_ATTEMPTS: "1" });
  await watched.until(/hello-test (healthy|degraded)/);
  await aws.control("faults", { rules: [{ action: "DescribeLoadBalancers", times: 2, fault: { kind: "error" } }] });
  await watched.until(/AWS is in trouble \(InternalFailure/);
  const id = await failOne();
  await watched.until(new RegExp(`instance ${id} \\S+ \\S+ unhealthy`));
  assert.equal(watched.stderr().match(/in trouble/g)?.length, 1, "once, however long it lasts");
  await aws.control("faults", { rules: [{ action: "DescribeLoadBalancers", fault: { kind: "refuse" } }] });
  await watched.until(/\(not-allowed\)/);
  assert.equal(await watched.ended, 1);
});

test("a stack that is not there yet is waited for, also in a sandbox that does not run", async (t) => {
  const watched = startFollowing(t, [...watching, "--sandbox"], { MULTIVAC_SANDBOX: "test-logs-watch-down" });
  await watched.until(/hello-test absent/);
  assert.equal(await watched.end(), 130);
});
