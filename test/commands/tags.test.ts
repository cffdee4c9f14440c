import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { type AwsState, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Tags of the config, changed on a running stack. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("tags", { machines: false });
});
after(() => aws?.stop());

const users = (state: AwsState) =>
  Object.entries(state).flatMap(([kind, things]) =>
    things
      .filter(({ tags }) => tags["multivac:name"] === "hello")
      .map(({ tags }) => [
        kind,
        Object.fromEntries(Object.entries(tags).filter(([key]) => key !== "Name" && !/^(multivac|aws):/.test(key))),
      ]),
  );

test("a change of tags reaches every resource, running instances and images too, and replaces nothing", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, { app: goodConfig.app, tags: { team: "blue", stage: "one" } });
  t.after(() => aws.reset());
  const deploy = async (...args: string[]) => {
    const ran = await aws.run(["deploy", "--yes", "--json", ...args], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    return ran.json();
  };
  await deploy("--image", aws.baseImageId);
  const plan = (await aws.run(["plan", "--json"], { cwd })).json();
  const changes = plan.changes as { resource: string; fields: { release: { to: string } } }[];
  const release = changes.find(({ resource }) => resource === "image")?.fields.release.to ?? "";
  await makeImage(aws, release, { team: "blue", stage: "one" });
  await makeImage(aws, "00000000abcd", { team: "blue", stage: "one" });
  await deploy();
  const before = await aws.state();
  for (const [kind, tags] of users(before)) assert.deepEqual(tags, { stage: "one", team: "blue" }, `${kind}`);

  await writeConfig(cwd, { app: goodConfig.app, tags: { team: "red", "cost center": "7/ü" } });
  const changed = await deploy();
  const actions = (changed.changes as { resource: string; action: string }[]).map(({ action }) => action);
  assert.deepEqual([...new Set(actions)].sort(), ["none", "update"], "rules have no tags; nothing is rolled");
  const after = await aws.state();
  assert.deepEqual(
    after.instance?.map(({ id }) => id),
    before.instance?.map(({ id }) => id),
    "no instance is replaced",
  );
  const all = users(after);
  for (const [kind, tags] of all) assert.deepEqual(tags, { "cost center": "7/ü", team: "red" }, `${kind}`);
  for (const kind of ["instance", "volume", "image", "snapshot", "auto-scaling-group", "listener"])
    assert.ok(
      all.some(([each]) => each === kind),
      kind,
    );

  await aws.calls();
  const again = await deploy();
  assert.ok((again.changes as { action: string }[]).every(({ action }) => action === "none"));
  assert.deepEqual(
    (await aws.calls()).filter(({ changing }) => changing),
    [],
  );

  const [member] = after.instance ?? [];
  await aws.control(`instances/${member?.id}/end`, {});
  const healed = async () => (await aws.state()).instance?.filter(({ id }) => id !== member?.id) ?? [];
  for (let tries = 0; (await healed()).length === 0; tries++) assert.ok(tries < 30, "the instance is replaced");
  assert.equal((await healed())[0]?.tags.team, "red", "new instances get the new tags");
});

test("as many tags as the config may have: everything carries them, and the lock has room for its own", async (t) => {
  const cwd = await temporaryFolder(t);
  const tags = Object.fromEntries(Array.from({ length: 39 }, (_, index) => [`tag-${index}`, `${index}`]));
  await writeConfig(cwd, { app: goodConfig.app, tags });
  t.after(() => aws.reset());
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  for (const [kind, given] of users(await aws.state())) assert.deepEqual(given, tags, `${kind}`);
});
