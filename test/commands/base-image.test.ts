import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, beforeEach, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeBaseImage, makeImage } from "../releases.ts";
import { type AwsState, ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** The layer below a release: when it is baked, what it is told of, and how it goes. A bake itself needs machines. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("base-image", { machines: false });
});
after(() => aws?.stop());

const named = ["--name", "hello", "--environment", "test"];
beforeEach(async () => void (await aws.run(["destroy", "--yes", ...named])));

interface Change {
  resource: string;
  action: string;
  why?: string;
  fields: Record<string, { to: string }>;
}

const changesOf = (ran: Ran) => (ran.json().changes as Change[]).filter(({ action }) => action !== "none");
const change = (ran: Ran, resource: string) => changesOf(ran).find((one) => one.resource === resource);
const parts = (ran: Ran) => changesOf(ran).map(({ action, resource }) => `${action} ${resource}`);
const owned = (state: AwsState, kind: string) =>
  (state[kind] ?? []).filter(({ tags }) => tags["multivac:name"] === "hello");
const bases = async () =>
  owned(await aws.state(), "image").filter(({ tags }) => tags["multivac:resource"] === "base-image");

/** A stack that serves its release, which was baked together with the base image. */
async function deployed(t: TestContext, config: object = {}) {
  const cwd = await temporaryFolder(t);
  const write = (more: object = {}) => writeConfig(cwd, { app: goodConfig.app, ...config, ...more });
  const run = async (...args: string[]) => await aws.run([...args, "--json"], { cwd });
  await write();
  await run("deploy", "--yes", "--image", aws.baseImageId);
  const first = await run("plan");
  const release = change(first, "image")?.fields.release?.to ?? "";
  const layer = change(first, "base-image")?.fields.layer?.to ?? "";
  const base = await makeBaseImage(aws, layer);
  await makeImage(aws, release);
  const ran = await run("deploy", "--yes");
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.json().release, release);
  return { cwd, run, write, first, base, layer };
}

test("a changed line bakes only the app, a changed package the base too, and the plan says why", async (t) => {
  const { cwd, run, write, first, base } = await deployed(t);
  assert.match(change(first, "image")?.why ?? "", /all of it/);
  assert.equal(change(first, "base-image")?.why, "there is no base image yet");
  assert.deepEqual(parts(await run("plan")), []);

  await appendFile(path.join(cwd, "app/tiny_app.py"), "# changed\n");
  const line = await run("plan");
  assert.match(change(line, "image")?.why ?? "", new RegExp(`only the app, on the base image ${base}`));
  assert.deepEqual(parts(line), ["bake image", "update launch-template", "roll auto-scaling-group"]);
  const text = await aws.run(["plan"], { cwd });
  assert.match(text.stdout, new RegExp(`only the app, on the base image ${base}`));

  await write({ app: { ...goodConfig.app, packages: ["python3-flask", "jq"] } });
  const both = await run("plan");
  assert.ok(parts(both).includes("bake base-image") && parts(both).includes("delete base-image"));
  assert.match(change(both, "base-image")?.why ?? "", new RegExp(`${base}|there is`));
});

test("what pip reads is part of the base, an unpinned file of the app is not", async (t) => {
  const { cwd, run, layer } = await deployed(t);
  const file = path.join(cwd, "app/requirements.txt");
  const text = await readFile(file, "utf8");
  const layerOf = async () => change(await run("plan"), "base-image")?.fields.layer?.to;

  await writeFile(path.join(cwd, "app/limits.txt"), "flask<9\n");
  assert.equal(await layerOf(), undefined, "nobody reads it");
  await writeFile(file, `${text}-c limits.txt\n`);
  const limited = await layerOf();
  assert.match(limited ?? "", /^[0-9a-f]{12}$/);
  await writeFile(path.join(cwd, "app/limits.txt"), "flask<8\n");
  assert.ok(![limited, layer, undefined].includes(await layerOf()), "what it names counts too");

  await writeFile(file, `${text}./library\n`);
  const local = await layerOf();
  await writeFile(file, `${text}./library\nrequests\n`);
  assert.equal(await layerOf(), local, "what needs the app's own files is installed with the app");
});

test("--refresh-base bakes both anew, on the same image of the system too; later deploys stay with it", async (t) => {
  const { cwd, run, base } = await deployed(t);
  const refreshed = await run("plan", "--refresh-base", "--out", "plan.json");
  assert.deepEqual(parts(refreshed).slice(0, 2), ["bake image", "bake base-image"]);
  assert.ok(parts(refreshed).includes("delete base-image"));
  const saved = JSON.parse(await readFile(path.join(cwd, "plan.json"), "utf8")).standsOn.app;
  assert.equal(saved.base, aws.baseImageId);
  assert.match(saved.refreshed, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(parts(await run("plan")), [], "without it nothing changes");

  const [release, layer] = [
    change(refreshed, "image")?.fields.release?.to,
    change(refreshed, "base-image")?.fields.layer?.to,
  ];
  assert.equal(release, saved.release);
  const tags = { "multivac:refreshed": saved.refreshed };
  await makeImage(aws, release ?? "", tags);
  assert.deepEqual(parts(await run("plan")), [], "what serves was made from the one of before");
  const newer = await makeBaseImage(aws, layer ?? "", tags);
  const ran = await run("deploy", "--yes", "--image", (await imageOf(release)) ?? "");
  assert.equal(ran.code, 0, ran.stderr);
  const after = await run("deploy", "--yes");
  assert.equal(after.json().release, release, "the release that is live stays");
  assert.deepEqual(
    (await bases()).map(({ id }) => id),
    [newer],
    `${base} is pruned`,
  );
});

async function imageOf(release: string | undefined): Promise<string | undefined> {
  return owned(await aws.state(), "image").find(({ tags }) => tags["multivac:release"] === release)?.id;
}

test("a base image is no release, and no part that a healthy stack must have; it has the stack's tags", async (t) => {
  const { run, write, base } = await deployed(t);
  const { releases } = (await run("releases")).json() as unknown as { releases: { image: string; base: string }[] };
  const [own] = releases.filter(({ image }) => image !== aws.baseImageId);
  assert.equal(own?.base, aws.baseImageId, "the system's image, not the stack's base image");
  assert.equal(releases.length, 2, "it, and the image that was named at first");
  assert.ok(!releases.some(({ image }) => image === base));
  const status = (await run("status")).json() as unknown as {
    state: string;
    resources: { resource: string; id: string }[];
  };
  assert.equal(status.state, "healthy");
  assert.equal(status.resources.find(({ resource }) => resource === "base-image")?.id, base);

  await write({ tags: { team: "blue" } });
  await run("deploy", "--yes");
  const state = await aws.state();
  const [found] = owned(state, "image").filter(({ id }) => id === base);
  const snapshot = found?.raw.BlockDeviceMappings[0].Ebs.SnapshotId;
  for (const thing of [found, state.snapshot?.find(({ id }) => id === snapshot)])
    assert.equal(thing?.tags.team, "blue");
  assert.equal(found?.tags["multivac:resource"], "base-image");
  assert.deepEqual(parts(await run("plan")), []);

  await boto(aws.env, "ec2", "deregister_image", { ImageId: base });
  assert.equal((await run("status")).json().state, "healthy");
  assert.deepEqual(parts(await run("plan")), [], "nothing is baked only to have one");
});

test("base images that are not used any more go, with their snapshots; one that is protected stays", async (t) => {
  const { cwd, run, base } = await deployed(t);
  const old = await makeBaseImage(aws, "0123456789ab");
  const kept = await makeBaseImage(aws, "ba9876543210");
  await boto(aws.env, "ec2", "enable_image_deregistration_protection", { ImageId: kept });
  await appendFile(path.join(cwd, "app/tiny_app.py"), "# changed\n");
  await makeImage(aws, change(await run("plan"), "image")?.fields.release?.to ?? "");
  const ran = await run("deploy", "--yes");
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(changesOf(ran).some(({ resource, action }) => resource === "base-image" && action === "delete"));
  assert.deepEqual((await bases()).map(({ id }) => id).sort(), [base, kept].sort(), `${old} is gone`);
  assert.equal(owned(await aws.state(), "snapshot").length, 4, "two releases, two base images");
  await boto(aws.env, "ec2", "disable_image_deregistration_protection", { ImageId: kept });
});

test("destroy takes it, and keeps it with --keep-images", async (t) => {
  const { run, base } = await deployed(t);
  const kept = await run("destroy", "--yes", "--keep-images");
  assert.equal(kept.code, 0, kept.stderr);
  assert.ok((kept.json().kept as { id: string }[]).some(({ id }) => id === base));
  assert.deepEqual(
    (await bases()).map(({ id }) => id),
    [base],
  );
  assert.deepEqual(
    parts(await run("plan")).filter((one) => one.endsWith("image")),
    [],
    "both are used again",
  );

  const gone = await run("destroy", "--yes");
  assert.equal(gone.code, 0, gone.stderr);
  const deleted = gone.json().deleted as { resource: string; kind: string; id: string }[];
  assert.ok(deleted.some(({ resource, kind, id }) => resource === "base-image" && kind === "image" && id === base));
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {});
});
