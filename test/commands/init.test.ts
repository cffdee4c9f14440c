import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { execa } from "execa";
import { boto } from "../boto3.ts";
import { multivac, packageRoot, temporaryFolder } from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";
import { startPlainMoto } from "../plain-moto.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What `init` finds on AWS and writes, without questions. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("init", { machines: false });
});
after(() => aws?.stop());

/** A folder with an app. */
async function site(t: TestContext, layout = "flask-minimal"): Promise<string> {
  const folder = path.join(await temporaryFolder(t), "site");
  await cp(path.join(packageRoot, "test/init/layouts", layout), folder, { recursive: true });
  return folder;
}

const read = async (folder: string) => JSON.parse(await readFile(path.join(folder, "config.json"), "utf8"));
const init = ["init", "--yes", "--json"];
const given = [
  "--vpc=vpc-0123456789abcdef0",
  "--subnets=subnet-0123456789abcdef0,subnet-0123456789abcdef1",
  "--instance-type=t3.small",
];
/** An AWS that nobody answers for. */
const nowhere = { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };

test("in the sandbox: its own network, a config that plan takes, and the next command", async (t) => {
  const cwd = await site(t);
  const ran = await aws.run(["init", "--yes"], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(
    ran.stdout,
    /^Written: config\.json\. The stack is site-dev in ap-southeast-2\.\nDeploy it with: .*deploy --sandbox$/,
  );
  assert.match(ran.stderr, /App: Flask, app:app in app\.py/);
  assert.match(ran.stderr, /For AWS write it anew: .*init --force/);
  const { $schema, ...config } = await read(cwd);
  assert.deepEqual(config, {
    name: "site",
    environment: "dev",
    region: "ap-southeast-2",
    app: { path: ".", module: "app:app", requirements: "requirements.txt" },
    network: { vpcId: aws.vpcId, subnetIds: aws.subnetIds },
    instances: { type: "t3.micro", min: 1, max: 1 },
  });
  assert.equal(path.resolve(cwd, $schema), path.join(packageRoot, "config.schema.json"));
  const planned = await aws.run(["plan", "--json"], { cwd });
  assert.equal(planned.code, 0, planned.stderr);
});

test("$schema leads to the package of the project, where it has one", async (t) => {
  const cwd = await site(t);
  await mkdir(path.join(cwd, "node_modules"));
  await symlink(packageRoot, path.join(cwd, "node_modules/multivac"));
  await multivac([...init, ...given, "--config", "deploy.json"], { cwd });
  const { $schema } = JSON.parse(await readFile(path.join(cwd, "deploy.json"), "utf8"));
  assert.equal($schema, "./node_modules/multivac/config.schema.json");
});

test("on AWS: of several VPCs the tagged or the only fit one, in it public subnets with room in two zones", async (t) => {
  const ec2 = (operation: string, parameters: object = {}) => boto(aws.env, "ec2", operation, parameters);
  const run = async (more: string[] = []) => multivac([...init, ...more], { cwd: await site(t), env: aws.env });
  const subnet = async (VpcId: string, CidrBlock: string, zone: string): Promise<string> => {
    const AvailabilityZone = `ap-southeast-2${zone}`;
    return (await ec2("create_subnet", { VpcId, CidrBlock, AvailabilityZone })).Subnet.SubnetId;
  };
  const vpc = async (CidrBlock: string): Promise<string> => (await ec2("create_vpc", { CidrBlock })).Vpc.VpcId;

  const VpcId = await vpc("10.9.0.0/16");
  const a = await subnet(VpcId, "10.9.0.0/24", "a");
  const b = await subnet(VpcId, "10.9.1.0/24", "b");
  const main = (await ec2("describe_route_tables", { Filters: [{ Name: "vpc-id", Values: [VpcId] }] })).RouteTables[0];
  const unreached = (await run()).json().config as { network: { vpcId: string } };
  assert.equal(unreached.network.vpcId, aws.vpcId, "subnets without a way out are not public");
  assertEnds(await run(["--vpc", VpcId]), "no-network", {
    exit: 1,
    message: /no public subnets in two/,
    cause: /igw|internet gateway/,
  });
  assertEnds(await run(["--vpc", "vpc-0123456789abcdef0"]), "no-network", { exit: 1, message: /There is no VPC/ });

  const { InternetGatewayId } = (await ec2("create_internet_gateway")).InternetGateway;
  await ec2("attach_internet_gateway", { InternetGatewayId, VpcId });
  const out = { DestinationCidrBlock: "0.0.0.0/0", GatewayId: InternetGatewayId };
  await ec2("create_route", { RouteTableId: main.RouteTableId, ...out });
  const open = await run();
  assertEnds(open, "several-networks", { exit: 1, cause: new RegExp(VpcId), fix: /--vpc VPC\n.*multivac:network/ });

  // By the main route table both are public now; one of them gets a table of its own, which leads nowhere.
  const RouteTableId = (await ec2("create_route_table", { VpcId })).RouteTable.RouteTableId;
  const { AssociationId } = await ec2("associate_route_table", { RouteTableId, SubnetId: b });
  const tooSmall = await subnet(VpcId, "10.9.2.0/28", "c");
  await ec2("create_tags", { Resources: [VpcId], Tags: [{ Key: "multivac:network", Value: "" }] });
  assertEnds(await run(), "no-network", {
    exit: 1,
    message: new RegExp(`${VpcId} \\(tagged multivac:network\\) has no`),
  });
  await ec2("create_route", { RouteTableId, ...out });
  await ec2("delete_subnet", { SubnetId: tooSmall });
  const roomy = await subnet(VpcId, "10.9.4.0/22", "a");
  const tagged = (await run()).json();
  assert.deepEqual((tagged.config as { network: object }).network, { vpcId: VpcId, subnetIds: [roomy, b] });
  const named = (await run(["--vpc", VpcId, "--subnets", `${b},${a}`])).json().config as { network: object };
  assert.deepEqual(named.network, { vpcId: VpcId, subnetIds: [b, a] });

  await ec2("disassociate_route_table", { AssociationId });
  await ec2("delete_tags", { Resources: [VpcId], Tags: [{ Key: "multivac:network" }] });
  const marked = (await run(["--vpc", aws.vpcId])).json().config as { network: { subnetIds: string[] } };
  assert.deepEqual(marked.network.subnetIds, aws.subnetIds);
});

test("on plain moto: the default VPC", async (t) => {
  const env = await startPlainMoto(t);
  const ran = await multivac(init, { cwd: await site(t), env });
  assert.equal(ran.code, 0, ran.stderr);
  const { accountId, network, instances } = ran.json().config as {
    accountId: string;
    network: { vpcId: string; subnetIds: string[] };
    instances: object;
  };
  const { Vpcs } = await boto(env, "ec2", "describe_vpcs");
  assert.equal(network.vpcId, Vpcs[0].VpcId);
  assert.equal(accountId, "123456789012");
  const { Subnets } = await boto(env, "ec2", "describe_subnets", { SubnetIds: network.subnetIds });
  assert.equal(new Set(Subnets.map((each: { AvailabilityZone: string }) => each.AvailabilityZone)).size, 2);
  assert.deepEqual(instances, { type: "t3.micro", min: 1, max: 1 });
});

test("with all answers given AWS is not asked", async (t) => {
  const cwd = await site(t);
  const more = ["--name=shop", "--environment=prod", "--region=eu-west-1", "--os=debian-12", "--packages=libpq5, curl"];
  const ran = await multivac([...init, ...given, ...more, "--health-path=/up"], { cwd, env: nowhere });
  assert.equal(ran.code, 0, ran.stderr);
  const { stack, written, config, app } = ran.json();
  assert.deepEqual(stack, { name: "shop", environment: "prod", region: "eu-west-1", account: null });
  assert.deepEqual(written, ["config.json"]);
  assert.deepEqual(app, { framework: "Flask", where: "app.py", call: "app:app" });
  const { $schema, ...rest } = await read(cwd);
  assert.deepEqual({ $schema, ...rest }, config);
  assert.deepEqual(rest, {
    name: "shop",
    environment: "prod",
    region: "eu-west-1",
    app: { path: ".", module: "app:app", requirements: "requirements.txt", packages: ["libpq5", "curl"] },
    image: { os: "debian-12" },
    network: {
      vpcId: "vpc-0123456789abcdef0",
      subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    },
    instances: { type: "t3.small", min: 1, max: 1 },
    loadBalancer: { healthCheck: { path: "/up" } },
  });
});

test("without region, credentials or answer it says what is missing and how to do without", async (t) => {
  const cwd = await site(t);
  const other = /name the network, and AWS is not asked: .*init --yes --json.* --vpc VPC --subnets/;
  assertEnds(await multivac(init, { cwd }), "no-region", { exit: 1, fix: other });
  assertEnds(await multivac([...init, "--region=eu-west-1"], { cwd }), "no-credentials", { exit: 1, fix: other });
  const env = { ...nowhere, AWS_MAX_ATTEMPTS: "1" };
  assertEnds(await multivac([...init, "--region=eu-west-1"], { cwd, env }), "aws-unreachable", { exit: 1, fix: other });
  assertEnds(await multivac(["init", "--json"], { cwd }), "needs-yes", { exit: 1 });
  assert.equal(existsSync(path.join(cwd, "config.json")), false);
});

test("what is there stays, unless with --force", async (t) => {
  const cwd = await site(t, "django-subfolder");
  const mine = '{"name": "mine"}';
  await writeFile(path.join(cwd, "config.json"), mine);
  assertEnds(await multivac([...init, ...given], { cwd }), "file-exists", {
    exit: 1,
    message: /^config\.json/,
    fix: /--force/,
  });
  assert.equal(await readFile(path.join(cwd, "config.json"), "utf8"), mine);

  const own = path.join(cwd, "requirements-multivac.txt");
  await writeFile(own, "something\n");
  const other = await multivac([...init, ...given, "--config=other.json"], { cwd });
  assertEnds(other, "file-exists", { exit: 1, message: /^requirements-multivac\.txt/ });
  assert.equal(existsSync(path.join(cwd, "other.json")), false, "all or nothing");
  assert.equal((await multivac([...init, ...given, "--force"], { cwd })).code, 0);
  assert.equal((await read(cwd)).name, "site");
  assert.match(await readFile(own, "utf8"), /^-r requirements\.txt\nwaitress$/m);

  // What the person adds to it is kept.
  await writeFile(own, "-r requirements.txt\nwaitress>=3\ndjango\nextra\n");
  assert.equal((await multivac([...init, ...given, "--force"], { cwd })).code, 0);
  assert.match(await readFile(own, "utf8"), /extra/);
});

test("a place that cannot be written: config-not-writable, and nothing is left", async (t) => {
  const cwd = await site(t);
  await mkdir(path.join(cwd, "folder"));
  const ran = await multivac([...init, ...given, "--app=.", "--config=missing/config.json"], { cwd });
  assertEnds(ran, "config-not-writable", { exit: 1, cause: /ENOENT/ });
  const folder = await multivac([...init, ...given, "--config=folder"], { cwd });
  assertEnds(folder, "config-not-writable", { exit: 1 });
  assert.deepEqual((await readdir(cwd)).sort(), ["app.py", "folder", "requirements.txt"]);
  await rm(path.join(cwd, "requirements.txt"));
  const written = await multivac([...init, ...given, "--config=folder"], { cwd });
  assertEnds(written, "config-not-writable", { exit: 1 });
  assert.deepEqual((await readdir(cwd)).sort(), ["app.py", "folder"], "nor what is written before the config");
});

test("what cannot be part of an app is left out of it by the config, and told", async (t) => {
  const cwd = await site(t);
  await symlink("/etc/hostname", path.join(cwd, "host [1]"));
  await execa("mkfifo", [path.join(cwd, "pipe")]);
  const ran = await multivac([...init, ...given], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual((await read(cwd)).app.exclude.sort(), ["/host \\[1\\]", "/pipe"]);
  assert.match(ran.stderr, /app\.exclude leaves out pipe: it is neither a file, a folder nor a symbolic link\./);
  assert.equal((await multivac(["validate"], { cwd })).code, 0);
});

test("no app: what was looked for is told; a command, a module or another folder is taken", async (t) => {
  const cwd = await site(t, "go-module");
  const none = await multivac([...init, ...given], { cwd });
  assertEnds(none, "app-not-found", { exit: 1, cause: /Flask, Django, FastAPI.*looks like Go/, fix: /--command/ });
  const command = await multivac([...init, ...given, "--command", "./hello --port $PORT"], { cwd });
  assert.deepEqual((await read(cwd)).app, { path: ".", command: "./hello --port $PORT" }, command.stderr);

  await cp(await site(t, "fastapi-routers"), path.join(cwd, "api"), { recursive: true });
  const inApi = await multivac([...init, ...given, "--force", "--app=api", "--module=app.main:app"], { cwd });
  assert.equal(inApi.code, 0, inApi.stderr);
  const { app } = await read(cwd);
  assert.equal(app.path, "api");
  assert.match(app.command, /uvicorn app\.main:app/, "an ASGI app by its module's name too");
  const wrong = await multivac([...init, ...given, "--force", "--module=nothing:app"], { cwd });
  assertEnds(wrong, "config-invalid", { exit: 1, cause: /app\.module: expected .*nothing\.py/ });
  assertEnds(await multivac([...init, "--force", "--app=nowhere"], { cwd }), "wrong-call", { exit: 1 });
});

test("several apps: the best is taken, and the others are told", async (t) => {
  const cwd = await site(t);
  await writeFile(path.join(cwd, "admin.py"), "import flask\n\nadmin = flask.Flask('admin')\n");
  const ran = await multivac(["init", "--yes", ...given], { cwd });
  assert.equal((await read(cwd)).app.module, "app:app");
  assert.match(ran.stderr, /Also there, and not taken: Flask, admin:admin in admin\.py/);
});

test("the starter app comes into an empty folder, or where it is asked for, and never over something", async (t) => {
  const cwd = path.join(await temporaryFolder(t), "Fresh Start_2");
  await mkdir(cwd);
  await writeFile(path.join(cwd, "README.md"), "# nothing yet\n");
  const ran = await multivac([...init, ...given], { cwd });
  assert.deepEqual(ran.json().written, ["app/requirements.txt", "app/tiny_app.py", "config.json"], ran.stderr);
  const { name, app } = await read(cwd);
  assert.equal(name, "fresh-start-2");
  assert.deepEqual(app, { path: "app", module: "tiny_app:app", requirements: "requirements.txt" });
  assert.equal((await multivac(["validate"], { cwd })).code, 0);

  await writeFile(path.join(cwd, "app/tiny_app.py"), "mine");
  const again = await multivac([...init, ...given, "--starter", "--config=other.json"], { cwd });
  assertEnds(again, "file-exists", { exit: 1, message: /app\/tiny_app\.py/ });
});

test("a virtual environment by another name is no part of the app", async (t) => {
  const cwd = await site(t);
  const bin = path.join(cwd, "environment/bin");
  await mkdir(bin, { recursive: true });
  await writeFile(path.join(cwd, "environment/pyvenv.cfg"), "home = /usr/bin\n");
  await symlink("/usr/bin/python3", path.join(bin, "python3"));
  const ran = await multivac([...init, ...given], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual((await read(cwd)).app.exclude, ["/environment"]);
  assert.equal((await multivac(["validate"], { cwd })).code, 0);
});

test("a virtual environment made in the folder itself is no part of the app, which is found", async (t) => {
  const cwd = await site(t);
  await mkdir(path.join(cwd, "bin"));
  await writeFile(path.join(cwd, "pyvenv.cfg"), "home = /usr/bin\n");
  await symlink("/usr/bin/python3", path.join(cwd, "bin/python3"));
  const ran = await multivac([...init, ...given], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  const { app } = await read(cwd);
  assert.deepEqual([app.module, app.exclude], ["app:app", ["/bin", "/pyvenv.cfg"]]);
  assert.equal((await multivac(["validate"], { cwd })).code, 0);
});

test("without a person no factory is taken that cannot be called", async (t) => {
  const cwd = await site(t);
  const factory = "from flask import Flask\n\ndef create_app(config_name):\n    return Flask(config_name)\n";
  await writeFile(path.join(cwd, "wsgi.py"), factory);
  assert.equal((await multivac([...init, ...given], { cwd })).code, 0);
  assert.equal((await read(cwd)).app.module, "app:app", "what can be started goes before");
  const expected = { exit: 1, cause: /create_app in wsgi\.py .*write a module/, fix: /--module MODULE:NAME/ };
  const named = await multivac([...init, ...given, "--force", "--module=wsgi:create_app"], { cwd });
  assertEnds(named, "app-not-found", expected);
  await rm(path.join(cwd, "app.py"));
  assertEnds(await multivac([...init, ...given, "--force"], { cwd }), "app-not-found", expected);
});

test("a file whose name is no name in Python makes a config that is valid", async (t) => {
  const cwd = await site(t);
  await rename(path.join(cwd, "app.py"), path.join(cwd, "flask-app.py"));
  const ran = await multivac([...init, ...given], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match((await read(cwd)).app.command, /gunicorn .* flask-app:app$/);
  assert.equal((await multivac(["validate"], { cwd })).code, 0);

  await rename(path.join(cwd, "flask-app.py"), path.join(cwd, "flask.app.py"));
  const dotted = await multivac([...init, ...given, "--force"], { cwd });
  assertEnds(dotted, "app-not-found", { exit: 1, cause: /flask\.app\.py was passed over/ });
});
