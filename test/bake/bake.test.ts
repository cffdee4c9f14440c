/** Whole bakes by the real Packer and Ansible, in a sandbox: what comes of them, and what is left when they end early. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { bake } from "../../src/bake/bake.ts";
import type { BakeOrder } from "../../src/bake/order.ts";
import { packagePath } from "../../src/bake/package-root.ts";
import type { ProgressEvent } from "../../src/progress.ts";
import { type AwsState, startSandbox, type TestSandbox } from "../sandboxes.ts";

const TAGS = { Name: "hello-dev", "multivac:name": "hello", "multivac:environment": "dev", odd: "ü $x, 'y'" };
const STARTER = {
  path: packagePath("templates/app"),
  files: ["requirements.txt", "tiny_app.py"],
  hashed: undefined,
  module: "tiny_app:app",
  requirements: "requirements.txt",
  packages: ["python3-flask"],
};

/** The least that can be baked. */
const PLAIN = { module: undefined, command: "true", requirements: undefined, packages: [] };

describe("bake", () => {
  let sandbox: TestSandbox;
  let folder: string;
  let temporary: string;
  const inherited = process.env.TMPDIR;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "multivac-bake-test-"));
    sandbox = await startSandbox("bake", { machines: true });
    temporary = path.join(folder, "tmp");
    await mkdir(temporary);
    process.env.TMPDIR = temporary;
  });
  after(async () => {
    await sandbox?.stop();
    if (inherited === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = inherited;
    await rm(folder, { recursive: true });
  });

  let count = 0;
  function makeOrder(app: Partial<BakeOrder["app"]> = {}): BakeOrder {
    count += 1;
    return {
      id: `bake-${count}`,
      imageName: `hello-dev-${count}`,
      tags: TAGS,
      base: { imageId: sandbox.baseImageId, os: "debian-12", sshUser: "admin" },
      builder: {
        instanceType: "t3.small",
        vpcId: sandbox.vpcId,
        subnetId: sandbox.subnetIds[0] ?? "",
        sshInterface: "private_ip",
        sshFrom: "198.18.0.1/32",
      },
      app: { ...STARTER, ...app },
      timezone: "UTC",
      region: sandbox.env.AWS_REGION ?? "",
      endpoint: sandbox.endpoint,
      env: { AWS_ACCESS_KEY_ID: "sandbox", AWS_SECRET_ACCESS_KEY: "sandbox" },
      logFile: path.join(folder, "logs", `${count}.log`),
    };
  }

  /** Bakes, and interrupts when the progress says the given word. */
  async function bakeUntil(order: BakeOrder, word: RegExp | undefined, again = false) {
    const [stop, kill] = [new AbortController(), new AbortController()];
    const texts: string[] = [];
    const report = (event: ProgressEvent) => {
      if (event.type !== "update") return;
      assert.equal(event.task, "image");
      texts.push(event.text);
      if (!word?.test(event.text)) return;
      stop.abort();
      if (again) kill.abort();
    };
    const result = await bake(order, report, stop.signal, kill.signal).catch((error) => error);
    return { result, texts };
  }

  /** What is left that costs or clutters, by kind. */
  function leavings(state: AwsState): Record<string, string[]> {
    const of = (kind: string, keep: (raw: Record<string, unknown>) => boolean = () => true) =>
      (state[kind] ?? []).filter(({ raw }) => keep(raw)).map(({ id }) => id);
    const left = {
      instance: of("instance", (raw) => (raw.State as { Name: string }).Name !== "terminated"),
      "key-pair": of("key-pair"),
      "security-group": of("security-group", (raw) => raw.GroupName !== "default"),
      volume: of("volume"),
    };
    return Object.fromEntries(Object.entries(left).filter(([, ids]) => ids.length > 0));
  }

  const baked = (state: AwsState) => (state.image ?? []).filter(({ id }) => id !== sandbox.baseImageId);

  it("makes a tagged image and leaves nothing else", async () => {
    const order = makeOrder();
    order.builder.rootVolume = { device: "/dev/xvda", sizeGiB: 20 };
    const { result, texts } = await bakeUntil(order, undefined);
    assert.match(result.imageId ?? result.stack, /^ami-/);
    assert.ok(texts.includes("waiting for SSH"));
    assert.ok(texts.includes("app: Unpack the app"));
    const state = await sandbox.state();
    const image = baked(state).find(({ id }) => id === result.imageId);
    assert.deepEqual(image?.tags, { ...TAGS, "multivac:resource": "image" });
    const snapshots = image?.raw.BlockDeviceMappings.flatMap(
      (mapping: { Ebs?: { SnapshotId: string } }) => mapping.Ebs?.SnapshotId ?? [],
    );
    assert.ok(snapshots.length > 0);
    assert.equal(image?.raw.BlockDeviceMappings[0].Ebs.VolumeSize, 20);
    for (const id of snapshots)
      assert.deepEqual(state.snapshot?.find((one) => one.id === id)?.tags, {
        ...TAGS,
        "multivac:resource": "snapshot",
      });
    assert.deepEqual(leavings(state), {});
    assert.deepEqual(await readdir(temporary), []);
    const log = await readFile(order.logFile, "utf8");
    assert.match(log, /TASK \[base : Apply updates\]/);
    assert.doesNotMatch(log, /PRIVATE KEY|AWS_SECRET/);
  });

  for (const [what, word] of [
    ["before Packer runs", /^packing/],
    ["while the builder starts", /^starting the builder/],
    ["in the middle of the playbook", /^base: Install packages/],
  ] as const) {
    it(`leaves nothing when interrupted ${what}`, async () => {
      const before = baked(await sandbox.state()).length;
      const order = makeOrder(PLAIN);
      const { result, texts } = await bakeUntil(order, word);
      assert.equal(result.code, "bake-interrupted", result.stack);
      const at = texts.findIndex((text) => word.test(text));
      assert.ok(at >= 0);
      // One more may have begun by the time that the signal is there.
      assert.ok(texts.slice(at + 1).filter((text) => /^(base|app): /.test(text)).length <= 1, texts.join("\n"));
      const state = await sandbox.state();
      assert.deepEqual(leavings(state), {}, await readFile(order.logFile, "utf8").catch(() => "no log"));
      assert.equal(baked(state).length, before);
      assert.deepEqual(await readdir(temporary), []);
    });
  }

  it("leaves a whole image, none, or one that its name tells, when interrupted while it is made", async () => {
    const before = baked(await sandbox.state()).map(({ id }) => id);
    const order = makeOrder(PLAIN);
    const { result } = await bakeUntil(order, /^creating the AMI/);
    const state = await sandbox.state();
    assert.deepEqual(leavings(state), {});
    const made = baked(state).filter(({ id }) => !before.includes(id));
    // Packer may end between making and tagging it; who asked for the bake takes it away by its name.
    for (const { tags, raw } of made)
      if (Object.keys(tags).length > 0) assert.deepEqual(tags, { ...TAGS, "multivac:resource": "image" });
      else assert.equal(raw.Name, order.imageName);
    if (result.code !== "bake-interrupted") {
      assert.deepEqual(
        made.map(({ id }) => id),
        [result.imageId],
      );
    }
  });

  it("ends at once when told again, and what it leaves is found by its tags", async () => {
    const { result } = await bakeUntil(makeOrder(PLAIN), /^base: Apply updates/, true);
    assert.equal(result.code, "bake-interrupted");
    assert.match(result.reason, /A builder may be left/);
    assert.deepEqual(await readdir(temporary), []);
    const state = await sandbox.state();
    const left = leavings(state);
    assert.equal(left.instance?.length, 1);
    for (const kind of ["instance", "volume"]) {
      const part =
        kind === "volume"
          ? { "multivac:resource": "builder-volume" }
          : { "multivac:resource": "builder", "multivac:bake": `bake-${count}` };
      const tags = { ...TAGS, ...part };
      for (const id of left[kind] ?? []) assert.deepEqual(state[kind]?.find((one) => one.id === id)?.tags, tags, id);
    }
    // Packer 1.6 tags neither key pair nor security group; the builder, which is tagged, names them.
    const builder = state.instance?.find(({ id }) => id === left.instance?.[0])?.raw;
    const keys = state["key-pair"]?.filter(({ name }) => name === builder.KeyName).map(({ id }) => id);
    assert.deepEqual(left["key-pair"] ?? [], keys);
    assert.deepEqual(
      left["security-group"],
      builder.SecurityGroups.map((group: { GroupId: string }) => group.GroupId),
    );
  });

  for (const [what, app, task, excerpt] of [
    ["package", { packages: ["no-such-package"] }, "base : Install packages", /No package matching 'no-such-package'/],
    [
      "requirement",
      { packages: [] },
      "app : Install the requirements",
      /No matching distribution found for no-such-thing/,
    ],
  ] as const) {
    it(`names the task and the reason when a ${what} is not to be had`, async () => {
      const broken = path.join(folder, `broken-${what}`);
      await mkdir(broken);
      await writeFile(path.join(broken, "tiny_app.py"), "");
      await writeFile(path.join(broken, "requirements.txt"), what === "requirement" ? "no-such-thing>=99\n" : "");
      const order = makeOrder({ ...app, path: broken });
      const { result } = await bakeUntil(order, undefined);
      assert.equal(result.code, "bake-failed", result.stack);
      assert.equal(result.message, `The bake failed in Ansible's task "${task}".`);
      assert.match(result.reason, excerpt);
      assert.ok(result.reason.split("\n").length <= 6);
      assert.ok(result.fix.includes(order.logFile) && existsSync(order.logFile));
    });
  }
});
