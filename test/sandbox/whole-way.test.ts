import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { goodConfig, multivac, packageRoot, temporaryFolder, writeConfig } from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";
import { answersText, startLoad } from "../load.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Config to URL with a real bake on real machines. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("whole", { machines: true });
});
after(() => aws?.stop());

const quick = {
  healthCheck: { intervalSeconds: 5, timeoutSeconds: 4, gracePeriodSeconds: 20 },
  deregistrationDelaySeconds: 5,
};

interface Status {
  state: string;
  url: string;
  release: string;
  instances: { id: string; health: string; reason?: string; release: string }[];
}

/** What Ansible does on a builder that comes from a base image. */
const appTasks = [
  "app: Unpack the app",
  "app: Put the app's command in its file",
  "app: Requirements",
  "app: Write the app's unit",
  "base: Remove keys, logs and caches",
];

const status = async (cwd: string) => (await aws.run(["status", "--json"], { cwd })).json() as unknown as Status;

async function until(what: string, seconds: number, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await check())) {
    assert.ok(Date.now() < end, `${what} within ${seconds} s`);
    await sleep(500);
  }
}

/** The host's pid of a machine's systemd, by the machine's name on its launcher's command line. */
async function pidOf(instanceId: string): Promise<number> {
  const { stdout } = await execa("pgrep", ["-f", `systemd-nspawn .*--machine=${aws.id}-${instanceId}`]);
  const [launcher = ""] = stdout.split("\n");
  const children = await execa("pgrep", ["-P", launcher]);
  return Number(children.stdout.split("\n")[0]);
}

test("a start without machines is refused where it runs with them", async () => {
  const ran = await multivac(["sandbox", "start", "--no-machines", "--json"], { env: { MULTIVAC_SANDBOX: aws.id } });
  assertEnds(ran, "sandbox-differs", { exit: 1, fix: /sandbox stop/ });
});

test("the example app: deployed, unchanged, changed and broken while no request fails, healed, destroyed", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app, loadBalancer: quick });
  t.after(() => aws.run(["destroy", "--yes", "--name", "hello", "--environment", "test"]));

  const empty = await aws.state();
  const stopped = await aws.run(["deploy", "--yes"], {
    cwd,
    signal: { name: "SIGINT", when: /image: waiting for the builder/ },
  });
  assert.equal(stopped.code, 130, stopped.stderr);
  const afterStop = await aws.state();
  for (const kind of ["instance", "image", "key-pair", "volume"]) assert.deepEqual(afterStop[kind], empty[kind], kind);
  assert.ok(
    afterStop["security-group"]?.every(({ name }) => !name?.startsWith("packer")),
    "no group of a builder",
  );

  const first = await aws.run(["deploy", "--yes"], { cwd });
  assert.equal(first.code, 0, first.stderr);
  const url = first.stdout.trim();
  const page = await (await fetch(url)).text();
  assert.match(page, /It works\./);
  assert.match(first.stderr, /image: base: Apply updates/, "tells what Ansible is doing");
  assert.match(first.stderr, /image: keeping the base image ami-/);
  const before = await status(cwd);
  assert.equal(before.state, "healthy");
  assert.match(before.release, /^[0-9a-f]{12}$/);
  assert.ok(page.includes(before.release));

  const instance = (await aws.state()).instance?.[0];
  assert.equal(instance?.tags["multivac:release"], before.release);
  assert.match(
    await systemctl(before.instances[0]?.id ?? "", "show", "-p", "User", "app.service"),
    /User=app/,
    "no root",
  );
  const ipv6 = await inside(before.instances[0]?.id ?? "", "cat", "/proc/sys/net/ipv6/conf/all/disable_ipv6");
  assert.equal(ipv6.trim(), "1");

  await aws.calls();
  const second = await aws.run(["deploy", "--yes"], { cwd });
  assert.equal(second.stdout.trim(), url);
  assert.deepEqual(
    (await aws.calls()).filter(({ changing }) => changing),
    [],
  );

  const load = startLoad(url, 2);
  t.after(() => load.stop());
  const file = path.join(cwd, "app", "tiny_app.py");
  const better = (await readFile(file, "utf8")).replace("It works.", "It works better.");
  await writeFile(file, `${better}\nif "BROKEN" in os.environ:\n    raise RuntimeError(os.environ["BROKEN"])\n`);
  const changed = await aws.run(["deploy", "--yes", "--json"], { cwd });
  assert.equal(changed.code, 0, changed.stderr);
  assert.equal(changed.json().url, url);
  assert.notEqual(changed.json().release, before.release);
  assert.match(await (await fetch(url)).text(), /It works better\./);
  const tasks = [...changed.stderr.matchAll(/image: ((?:base|app): .*)/g)].map(([, task]) => task);
  assert.deepEqual([...new Set(tasks)], appTasks, "neither apt nor pip: those are in the base image");
  const images = (await aws.state()).image?.filter(({ tags }) => tags["multivac:name"] === "hello") ?? [];
  const played = images.map(({ tags }) => tags["multivac:resource"]).sort();
  assert.deepEqual(played, ["base-image", "image", "image"]);
  assert.ok(images.every(({ tags }) => tags["multivac:base"] === aws.baseImageId));

  const app = { ...goodConfig.app, env: { BROKEN: "no such table" } };
  const config = path.join(cwd, "config.json");
  const good = await readFile(config, "utf8");
  await writeFile(config, JSON.stringify({ ...goodConfig, app, loadBalancer: quick }));
  const bad = await aws.run(["deploy", "--yes", "--json"], { cwd });
  assert.equal(bad.code, 4, bad.stderr);
  assert.match(bad.json().error?.cause ?? "", /Health checks failed.*RuntimeError: no such table/s);
  await writeFile(config, good);
  await load.stop();
  const answers = load.lap();
  t.diagnostic(answersText(answers));
  assert.deepEqual(answers.failures, []);
  assert.deepEqual(Object.keys(answers.pages), ["It works.", "It works better."]);

  /** Healthy with one instance, which is not the one given: those that leave are listed until they are gone. */
  const healedFrom = async (id: string | undefined) => {
    const { state, instances } = await status(cwd);
    return state === "healthy" && instances.length === 1 && instances[0]?.id !== id;
  };
  await until("the instance that failed is gone", 60, () => healedFrom(undefined));
  const [running] = (await status(cwd)).instances;
  await systemctl(running?.id ?? "", "stop", "app.service");
  await until("an unhealthy target with its reason", 60, async () =>
    (await status(cwd)).instances.some(({ health, reason }) => health !== "healthy" && !!reason),
  );
  await until("a stopped app is healed", 120, () => healedFrom(running?.id));

  const [victim] = (await status(cwd)).instances;
  process.kill(await pidOf(victim?.id ?? ""), "SIGKILL");
  await until("a killed machine is seen", 30, async () => (await status(cwd)).state !== "healthy");
  await until("a killed machine is replaced", 120, () => healedFrom(victim?.id));
  assert.match(await (await fetch(url)).text(), /It works better\./);

  const destroyed = await aws.run(["destroy", "--yes"], { cwd });
  assert.equal(destroyed.code, 0, destroyed.stderr);
  assert.match(destroyed.stdout, /sandbox stop/);
  const state = await aws.state();
  assert.deepEqual(ofStack(state, "hello", "test"), {});
  for (const kind of ["key-pair", "snapshot", "security-group", "volume"])
    assert.deepEqual(state[kind], empty[kind], kind);
});

async function inside(instanceId: string, ...command: string[]): Promise<string> {
  const { stdout } = await execa("nsenter", ["--target", String(await pidOf(instanceId)), "--all", ...command]);
  return stdout;
}

const systemctl = (instanceId: string, ...args: string[]) => inside(instanceId, "systemctl", ...args);

test("a Flask app in a package, with templates, static files and odd file names; and a command on port 8080", async (t) => {
  const cwd = await temporaryFolder(t);
  const applications = path.join(packageRoot, "test/sandbox/applications");
  await cp(applications, cwd, { recursive: true });
  const odd = path.join(cwd, "gallery/pages/static/Fotos & más");
  await mkdir(odd, { recursive: true });
  await writeFile(path.join(odd, "grün 日本.txt"), "Grüße\n");
  const configs = {
    gallery: {
      name: "gallery",
      app: {
        path: "gallery",
        module: "pages.web:application",
        packages: ["python3-flask"],
        env: { GREETING: 'a "quoted" $HOME \\ ü' },
      },
    },
    plain: {
      name: "plain",
      app: { path: "plain", command: "exec python3 'serve it.py' --port \"$PORT\"", port: 8080 },
    },
  };
  for (const [name, changes] of Object.entries(configs)) {
    const { app: _, ...common } = goodConfig;
    await writeFile(path.join(cwd, `${name}.json`), JSON.stringify({ ...common, loadBalancer: quick, ...changes }));
    t.after(() => aws.run(["destroy", "--yes", "--name", name, "--environment", "test"]));
  }

  const [gallery, plain] = await Promise.all(
    Object.keys(configs).map((name) => aws.run(["deploy", "--yes", "-c", `${name}.json`], { cwd })),
  );
  assert.equal(gallery?.code, 0, gallery?.stderr);
  const page = await (await fetch(gallery?.stdout ?? "")).text();
  assert.match(page, /<h1>Gallery<\/h1>/);
  assert.ok(page.includes("a &#34;quoted&#34; $HOME \\ ü"), page);
  const file = await fetch(`${gallery?.stdout}static/Fotos%20%26%20m%C3%A1s/gr%C3%BCn%20%E6%97%A5%E6%9C%AC.txt`);
  assert.equal(await file.text(), "Grüße\n");

  assert.equal(plain?.code, 0, plain?.stderr);
  assert.match(await (await fetch(plain?.stdout ?? "")).text(), /plain on 8080/);
});

test("after sandbox stop nothing of it is on the machine", async () => {
  const stopped = await aws.stop();
  assert.equal(stopped, undefined);
  const mounts = await readFile("/proc/self/mounts", "utf8");
  assert.doesNotMatch(mounts, new RegExp(`/${aws.id}/`));
  const processes = await execa("pgrep", ["-af", aws.id], { reject: false });
  const left = processes.stdout.split("\n").filter((line) => line && !line.includes("whole-way.test"));
  assert.deepEqual(left, []);
  const links = await execa("ip", ["-o", "link"]);
  assert.doesNotMatch(links.stdout, new RegExp(aws.id));
});
