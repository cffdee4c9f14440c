import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { documentOf } from "../../src/config/environments.ts";
import { loadConfig, loadEveryConfig } from "../../src/config/load.ts";
import { Failure } from "../../src/failure.ts";
import { goodConfig, multivac, packageRoot, temporaryFolder, writeConfig } from "../command-line.ts";

/** `environments` of the config: what differs in each, checked without AWS. */

const { network, ...withoutNetwork } = goodConfig;

async function folderWith(t: TestContext, changes: Record<string, unknown>): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, changes);
  return folder;
}

const validate = async (cwd: string, ...args: string[]) => await multivac(["validate", "--json", ...args], { cwd });

/** The lines of `config-invalid`, without a process: that the command tells them is tested once. */
async function problemsOf(cwd: string, environment?: string): Promise<string[]> {
  const failure = await loadEveryConfig(path.join(cwd, "config.json"), { environment }).catch((error) => error);
  assert.ok(failure instanceof Failure && failure.code === "config-invalid", String(failure));
  return failure.reason?.split("\n") ?? [];
}

test("objects are merged key by key, lists and single values are replaced, and no default gets in between", async (t) => {
  const cwd = await folderWith(t, {
    environment: "dev",
    region: "ap-southeast-2",
    app: { ...goodConfig.app, env: { A: "1", B: "1" }, port: 8080 },
    instances: { type: "t3.small", min: 2, max: 3, keyName: "mine", sshFrom: ["10.0.0.0/8", "192.0.2.0/24"] },
    loadBalancer: { healthCheck: { path: "/up", intervalSeconds: 20 } },
    tags: { team: "blue" },
    environments: {
      prod: {
        region: "eu-west-1",
        app: { env: { B: "2", C: "2" } },
        instances: { max: 8, keyName: null, sshFrom: ["198.51.100.7/32"] },
        loadBalancer: { healthCheck: { intervalSeconds: 30 } },
        deletionProtection: true,
        tags: { stage: "live" },
      },
      stage: {},
    },
  });
  const file = path.join(cwd, "config.json");
  const { config: prod } = await loadConfig(file, { environment: "prod" });
  assert.equal(prod.environment, "prod");
  assert.equal(prod.region, "eu-west-1");
  assert.deepEqual(prod.app?.env, { A: "1", B: "2", C: "2" });
  assert.equal(prod.app?.port, 8080);
  assert.deepEqual(
    [prod.loadBalancer.healthCheck.path, prod.loadBalancer.healthCheck.intervalSeconds],
    ["/up", 30],
    "an object in an object is merged too",
  );
  assert.deepEqual(prod.tags, { team: "blue", stage: "live" });
  assert.ok(!("environments" in prod), "no other environment is part of it");

  const { config: dev } = await loadConfig(file);
  const changed = { max: 8, keyName: null, sshFrom: ["198.51.100.7/32"] };
  assert.deepEqual(prod.instances, { ...dev.instances, ...changed });
  assert.deepEqual([prod.instances.type, prod.instances.min, prod.instances.volumeGiB], ["t3.small", 2, 8]);
  const { config: stage } = await loadConfig(file, { environment: "stage" });
  assert.deepEqual([dev.environment, dev.instances.max, dev.deletionProtection], ["dev", 3, false]);
  assert.deepEqual(stage, { ...dev, environment: "stage" });
});

test("a key __proto__ is merged as a key", () => {
  const document = JSON.parse('{"tags": {"a": "1"}, "environments": {"prod": {"tags": {"__proto__": {"b": "2"}}}}}');
  assert.equal(
    JSON.stringify(documentOf(document, "prod")),
    '{"tags":{"a":"1","__proto__":{"b":"2"}},"environment":"prod"}',
  );
});

test("every environment is checked, whichever is chosen, and each problem told once where its value stands", async (t) => {
  const cwd = await folderWith(t, {
    environment: "dev",
    instances: { max: 2 },
    app: { ...goodConfig.app, env: { TOO: "x".repeat(9000) } },
    environments: {
      prod: { name: "other", instances: { mim: 2, min: 3 }, accountId: null, app: { env: { LONG: "x".repeat(9000) } } },
      stage: { instances: { min: 4 }, netwrk: {}, tags: { "aws:x": "1" } },
      Bad: {},
      none: 3,
    },
  });
  const told = await problemsOf(cwd);
  assert.deepEqual(
    told.map((line) => line.replace(/ \d+ bytes with what/, " … bytes with what").replace(/got \d{5} bytes/, "got …")),
    [
      "environments.prod.accountId: expected an AWS account id of 12 digits, got null",
      'environments.prod.instances.mim: the unknown key "mim" (did you mean "min"?)',
      'environments.prod.name: expected one of the known keys: region, accountId, app, image, network, instances, loadBalancer, deletionProtection, tags, got the unknown key "name"',
      'environments.stage.tags["aws:x"]: expected a tag key of 1–128 letters, digits, spaces and _.:/=+-@, not beginning with aws: or multivac:, and not Name, got "aws:x"',
      'environments.stage.netwrk: the unknown key "netwrk" (did you mean "network"?)',
      'environments.Bad: expected 1–8 characters of a–z and 0–9, got "Bad"',
      "environments.none: expected an object, got 3",
      "environments.prod.app.env: expected an environment that fits into user data, … bytes with what starts the app, got …",
      "instances.max: expected at least instances.min, 3, got 2 in prod",
      "instances.max: expected at least instances.min, 4, got 2 in stage",
    ],
  );
  const ran = await validate(cwd, "-e", "stage");
  assert.equal(ran.code, 1);
  assert.deepEqual(ran.json().error?.cause?.split("\n").sort(), told.sort());

  await writeConfig(cwd, { environments: [] });
  assert.deepEqual(await problemsOf(cwd, "prod"), [
    "environments: expected an object of environments, each with what differs in it, got an empty list",
  ]);
  await writeConfig(cwd, { loadBalancer: { allowFrom: "all" }, environments: { prod: {}, stage: {} } });
  assert.deepEqual(await problemsOf(cwd), ['loadBalancer.allowFrom: expected a list of IPv4 networks, got "all"']);
  await writeConfig(cwd, {
    instances: { min: 3, max: 2 },
    environments: { test: { instances: { max: 3 } }, b: {}, c: {} },
  });
  assert.deepEqual(await problemsOf(cwd), ["instances.max: expected at least instances.min, 3, got 2 in b, c"]);
});

test("a key that comes again in an environment is told with its path", async (t) => {
  const cwd = await folderWith(t, { environments: { prod: { instances: { min: 1 } } } });
  const file = path.join(cwd, "config.json");
  await writeFile(file, (await readFile(file, "utf8")).replace('"min"', '"min": 0, "min"'));
  assert.deepEqual(await problemsOf(cwd), ['environments.prod.instances.min: expected each key once, got "min" again']);
});

test("what is required may be given by the environments alone; then one has to be chosen", async (t) => {
  const { vpcId, subnetIds } = network;
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  const file = path.join(cwd, "config.json");
  const write = (config: object) => writeFile(file, JSON.stringify({ ...withoutNetwork, ...config }));

  await write({
    network: { vpcId },
    environments: { prod: { network: { subnetIds } }, stage: { network: { subnetIds } } },
  });
  const prod = await validate(cwd, "-e", "prod");
  assert.equal(prod.code, 0, prod.stderr);
  assert.deepEqual(prod.json().environments, ["prod", "stage"]);
  const alone = await validate(cwd);
  assert.equal(alone.code, 1);
  assert.equal(alone.json().error?.cause, "network.subnetIds: expected a list of subnet ids, got nothing in test");
  assert.match(alone.json().error?.fix ?? "", /--environment prod or --environment stage/);
  const deploy = await multivac(["deploy", "--yes", "--json"], { cwd });
  assert.equal(deploy.json().error?.cause, alone.json().error?.cause, "deploy says the same");

  await write({ environment: "prod", environments: { prod: { network }, stage: { network } } });
  assert.equal((await validate(cwd)).code, 0, "the config's own environment may be one of them");

  await write({ environments: { prod: { network }, stage: { region: "eu-west-1" } } });
  assert.deepEqual(await problemsOf(cwd, "prod"), [
    "environments.stage.network: expected an object with vpcId and subnetIds, got nothing",
  ]);
  await write({ environments: { prod: {}, stage: {} } });
  assert.deepEqual(await problemsOf(cwd), ["network: expected an object with vpcId and subnetIds, got nothing"]);
});

test("an environment that the config does not have is refused with the nearest, and any goes where it has none", async (t) => {
  const cwd = await folderWith(t, { environments: { prod: {}, stage: {} } });
  for (const command of ["validate", "status"]) {
    const ran = await multivac([command, "--json", "-e", "prd"], { cwd });
    assert.equal(ran.code, 1);
    const { error } = ran.json();
    assert.equal(error?.code, "unknown-environment", ran.stdout);
    assert.match(error?.cause ?? "", /It has test, prod, stage; test is the one it takes without/);
    assert.match(error?.fix ?? "", /--environment prod,/);
  }
  assert.equal((await validate(cwd, "-e", "test")).code, 0, "the config's own is one");
  await writeConfig(cwd);
  const any = await validate(cwd, "-e", "any");
  assert.equal(any.code, 0, any.stderr);
  assert.deepEqual(any.json().environments, ["any"]);
  const wrong = await validate(cwd, "-e", "NO");
  assert.equal(wrong.json().error?.code, "wrong-call");
});

test("validate tells all environments, and looks into the app's folder and at names of secrets for each", async (t) => {
  const cwd = await folderWith(t, {
    environments: { prod: { app: { env: { DB_PASSWORD: "hunter2" } } }, stage: { app: { exclude: ["*.txt"] } } },
  });
  assert.deepEqual(await problemsOf(cwd), [
    'app.requirements: expected a file in the app\'s folder that is not excluded, got "requirements.txt" in stage',
  ]);
  await writeConfig(cwd, { environments: { prod: { app: { env: { DB_PASSWORD: "hunter2" } } }, stage: {} } });
  const ran = await multivac(["validate"], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stdout, "config.json is valid: hello-test, 2 files of the app; also hello-prod, hello-stage.");
  assert.match(ran.stderr, /environments\.prod\.app\.env\.DB_PASSWORD looks like a secret/);
  assert.doesNotMatch(ran.stdout + ran.stderr, /hunter2/);
});

test("the JSON schema knows the environments, without defaults, and what they may give for the rest of the file", async () => {
  const schema = JSON.parse(await readFile(path.join(packageRoot, "config.schema.json"), "utf8"));
  const { additionalProperties: override } = schema.properties.environments;
  assert.ok(schema.properties.instances.properties.min.default === 1);
  assert.doesNotMatch(JSON.stringify(override), /"(default|required)":/);
  assert.deepEqual(
    Object.keys(override.properties),
    Object.keys(schema.properties).filter((key) => !["$schema", "name", "environment", "environments"].includes(key)),
  );

  const fits = new Ajv2020({ strict: false }).compile(schema);
  const right = [
    { ...goodConfig, environments: { prod: { instances: { min: 2, max: 2, keyName: null } }, stage: {} } },
    { ...withoutNetwork, environments: { prod: { network } } },
    { ...withoutNetwork, network: { vpcId: network.vpcId }, environments: { prod: { network } } },
  ];
  const wrong = [
    withoutNetwork,
    { ...goodConfig, network: { vpcId: network.vpcId } },
    { ...goodConfig, app: { module: "a:b" } },
    { ...goodConfig, environments: { prod: { instances: { mim: 1 } } } },
    { ...goodConfig, environments: { prod: { name: "other" } } },
    { ...goodConfig, environments: { prod: { environments: {} } } },
    { ...goodConfig, environments: { Bad: {} } },
    { ...goodConfig, environments: { prod: { instances: { min: null } } } },
  ];
  for (const config of right) assert.ok(fits(config), JSON.stringify([config, fits.errors]));
  for (const config of wrong) assert.equal(fits(config), false, JSON.stringify(config));
});
