import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { execa } from "execa";
import {
  commandFile,
  environment,
  goodConfig,
  multivac,
  packageRoot,
  temporaryFolder,
  writeConfig,
} from "../command-line.ts";

test("a good config is said to be valid, for people and for scripts", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder);
  const { code, stdout, stderr } = await multivac(["validate"], { cwd: folder });
  assert.equal(code, 0);
  assert.equal(stdout, "config.json is valid: hello-test, 2 files of the app.");
  assert.equal(stderr, "");

  const result = (await multivac(["validate", "--json"], { cwd: folder })).json();
  assert.equal(result.version, 1);
  assert.deepEqual(result.stack, { name: "hello", environment: "test", region: "ap-southeast-2", account: null });
});

test("the example config is valid", async () => {
  const { code, stderr } = await multivac(["validate", "-c", "config.example.json"], { cwd: packageRoot });
  assert.equal(code, 0, stderr);
});

test("every problem is reported at once, with path, expected, got and the nearest known key", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, {
    name: "Hello",
    app: { path: "app", modul: "tiny_app:app", port: 0, env: { PORT: "1" } },
    network: { vpcId: "vpc-1", subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef0"] },
    instances: {
      min: 3,
      max: 2,
      sshFrom: ["10.0.0.1/8", "::/0"],
      allowTo: ["tcp 70-60 0.0.0.0/0", "tcp 0443-443 0.0.0.0/0", "udp 53 10.0.0.0/8", "udp 53 10.0.0.0/8"],
    },
    loadBalancer: { healthCheck: { intervalSeconds: 5, timeoutSeconds: 5, status: "500" } },
    tags: { "aws:x": "1" },
  });
  const { code, stdout, stderr } = await multivac(["validate", "--json"], { cwd: folder });
  assert.equal(code, 1);
  const { error } = JSON.parse(stdout);
  assert.equal(error.code, "config-invalid");
  const lines: string[] = error.cause.split("\n");
  for (const [start, rest] of [
    ["name:", 'got "Hello"'],
    ["app.modul:", 'did you mean "module"?'],
    ["app.port:", "expected a whole number from 1 to 65535, got 0"],
    ["app:", "expected exactly one of module and command, got neither"],
    ["app.env.PORT:", "app.port"],
    ["network.vpcId:", 'got "vpc-1"'],
    ["network.subnetIds[1]:", "expected different subnets"],
    ["instances.max:", "expected at least instances.min, 3, got 2"],
    ["instances.sshFrom[0]:", "10.0.0.0/8"],
    ["instances.sshFrom[1]:", "an IPv4 network"],
    ["instances.allowTo[0]:", "expected protocol, port and IPv4 network"],
    ["instances.allowTo[1]:", "expected the rule as EC2 stores it, tcp 443 0.0.0.0/0"],
    ["instances.allowTo[3]:", 'expected different rules, got "udp 53 10.0.0.0/8" again'],
    ["loadBalancer.healthCheck.timeoutSeconds:", "less than intervalSeconds, 5"],
    ["loadBalancer.healthCheck.status:", 'got "500"'],
    ['tags["aws:x"]:', "not beginning with aws:"],
  ] as const) {
    const line = lines.find((each) => each.startsWith(start));
    assert.ok(line?.includes(rest), `${start} … ${rest}, in:\n${error.cause}`);
  }
  assert.equal(lines.length, 16, error.cause);
  assert.match(stderr, /has 16 problems/);
});

const wrongFiles: [name: string, content: string | Buffer | undefined, code: string, told: RegExp][] = [
  ["no file", undefined, "config-not-found", /no config file/],
  ["an empty file", "", "config-not-json", /empty/],
  ["not JSON", '{\n  "name": "x",\n}', "config-not-json", /line 3, column 1/],
  ["a comment", "// hello\n{}", "config-not-json", /no comments/],
  ["UTF-16", Buffer.from("\ufeff{}", "utf16le"), "config-encoding", /UTF-16/],
  ["Latin-1", Buffer.from('{"name":"caf\xe9"}', "latin1"), "config-encoding", /not UTF-8/],
  ["a list", "[]", "config-invalid", /has 1 problem\.\n +the document: expected an object, got an empty list\n/],
  ["null", "null", "config-invalid", /has 1 problem\.\n +the document: expected an object, got null\n/],
  ["a prototype", '{"__proto__": {"name": "hello"}}', "config-invalid", /__proto__/],
];
for (const [name, content, code, told] of wrongFiles) {
  test(`bad input: ${name}`, async (t) => {
    const folder = await temporaryFolder(t);
    if (content !== undefined) await writeFile(path.join(folder, "config.json"), content);
    const ran = await multivac(["validate", "--json"], { cwd: folder });
    assert.equal(ran.code, 1);
    assert.equal(ran.json().error?.code, code);
    assert.match(ran.stderr, told);
    assert.doesNotMatch(ran.stderr, /\n\s+at /, "no stack trace");
  });
}

test("a key that comes again is told with its path, which of its values is meant nobody can tell", async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeConfig(folder, { tags: { team: "blue" } });
  const good = await readFile(file, "utf8");
  const twice = good
    .replace('"team": "blue"', '"team": "blue", "team": "hidden"')
    .replace('"vpcId"', '"vpcId": "vpc-0123456789abcdef1", "vpcId"');
  await writeFile(file, twice);
  const { error } = (await multivac(["validate", "--json"], { cwd: folder })).json();
  assert.equal(error?.code, "config-invalid");
  assert.deepEqual(error?.cause?.split("\n"), [
    'network.vpcId: expected each key once, got "vpcId" again',
    'tags.team: expected each key once, got "team" again',
  ]);

  const env = { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  const status = () => multivac(["status", "--json"], { cwd: folder, env: { ...env, AWS_MAX_ATTEMPTS: "1" } });
  assert.equal((await status()).json().error?.code, "aws-unreachable", "status needs only what names the stack");
  await writeFile(file, good.replace('"name"', '"name": "other", "name"'));
  assert.match((await status()).json().error?.cause ?? "", /^name: expected each key once/);
});

test("a comment is told with its line and column, and a number that is none here as one that is too large", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(path.join(cwd, "config.json"), '{\n  "name": "hello", // the name\n  "app": {}\n}\n');
  const comment = (await multivac(["validate", "--json"], { cwd })).json().error;
  assert.equal(comment?.code, "config-not-json");
  assert.match(comment?.message ?? "", /: line 2, column 20\.$/);
  await writeConfig(cwd, {});
  const text = (await readFile(path.join(cwd, "config.json"), "utf8")).replace(
    '"name"',
    '"instances": {"min": 1e400},\n  "name"',
  );
  await writeFile(path.join(cwd, "config.json"), text);
  assert.match(
    (await multivac(["validate", "--json"], { cwd })).json().error?.cause ?? "",
    /got a number that is too large/,
  );
});

test("a folder whose files cannot be read, or that holds far too many, is told and not read to its end", async (t) => {
  // Node's own rm does not get so deep.
  const cwd = await mkdtemp(path.join(tmpdir(), "multivac-deep-"));
  t.after(() => execa("rm", ["-rf", cwd]));
  const app = await writeConfig(cwd, {}).then(() => path.join(cwd, "app"));
  // Deeper than a path can be long.
  await execa("bash", ["-c", 'for i in {1..25}; do mkdir "$1" && cd "$1" || exit 1; done', "bash", "d".repeat(200)], {
    cwd: app,
  });
  const deep = (await multivac(["validate", "--json"], { cwd })).json().error;
  assert.equal(deep?.code, "config-invalid");
  assert.match(deep?.cause ?? "", /it cannot be read \(ENAMETOOLONG\); remove it or name it in app\.exclude/);
  await writeConfig(cwd, { app: { path: "/proc", command: "true" } });
  const all = (await multivac(["validate", "--json"], { cwd })).json().error;
  assert.equal(all?.code, "config-invalid");
});

test("__proto__ is no name for a tag or in app.env", async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeConfig(folder, {
    app: { ...goodConfig.app, env: { KEY: "1" } },
    tags: { key: "1" },
    environments: { key: {} },
  });
  await writeFile(file, (await readFile(file, "utf8")).replaceAll(/"key"/gi, '"__proto__"'));
  const { error } = (await multivac(["validate", "--json"], { cwd: folder })).json();
  assert.deepEqual(error?.cause?.split("\n"), [
    'app.env.__proto__: expected another name, got "__proto__"',
    'tags.__proto__: expected another name, got "__proto__"',
    'environments.__proto__: expected another name, got "__proto__"',
  ]);
});

test("a folder in place of the config", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(path.join(folder, "config.json"));
  const ran = await multivac(["validate", "--json"], { cwd: folder });
  assert.equal(ran.json().error?.code, "config-not-a-file");
});

test("what turns the direction of text is told as an escape", async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeConfig(folder, { environment: "d\u202ev", "na\u2066me": 1 });
  const ran = await multivac(["validate", "--config", file]);
  assert.equal(ran.code, 1);
  assert.doesNotMatch(ran.stderr, /[\u202a-\u202e\u2066-\u2069]/);
  assert.match(ran.stderr, /"d\\u202ev"/);
  assert.match(ran.stderr, /"na\\u2066me"/);
});

test("what is wrong with the app is told together", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { app: { path: "app", module: "other.module:app", requirements: "missing.txt" } });
  await symlink("/etc/passwd", path.join(folder, "app", "leak"));
  const { error } = (await multivac(["validate", "--json"], { cwd: folder })).json();
  assert.match(error?.cause ?? "", /app\.module: expected .*other\/module\.py or other\/module\/__init__\.py/);
  assert.match(error?.cause ?? "", /app\.requirements: .*"missing\.txt"/);
  assert.match(error?.cause ?? "", /leak: it is a symbolic link to \/etc\/passwd, outside the folder/);
});

test("a missing app folder, and one that is a file", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { app: { path: "gone", module: "a:b" } });
  assert.match((await multivac(["validate"], { cwd: folder })).stderr, /app\.path: .*"gone", where nothing is/);
  await writeConfig(folder, { app: { path: "config.json", module: "a:b" } });
  assert.match((await multivac(["validate"], { cwd: folder })).stderr, /which is not a folder/);
});

test("a name in app.env that looks like a secret is warned of", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, { app: { ...goodConfig.app, env: { DB_PASSWORD: "hunter2" } } });
  const { code, stderr, stdout } = await multivac(["validate"], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stderr, /app\.env\.DB_PASSWORD looks like a secret/);
  assert.doesNotMatch(stderr + stdout, /hunter2/);
});

test("an environment that systemd or EC2 would not take is refused, without its values", async (t) => {
  const folder = await temporaryFolder(t);
  const env = { BELL: "hidden\u0007value", LARGE: "x".repeat(16 * 1024) };
  await writeConfig(folder, { app: { ...goodConfig.app, env } });
  const { stderr, code } = await multivac(["validate"], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /app\.env\.BELL: expected a value without control characters/);
  assert.match(stderr, /app\.env: expected an environment that fits into user data, 16384 bytes/);
  assert.doesNotMatch(stderr, /hidden/);
});

test("options before the command are told to stand after it", async () => {
  const ran = await multivac(["--sandbox", "status", "--json"]);
  assert.equal(ran.code, 1);
  assert.match(ran.json().error?.fix ?? "", /^Options stand after the command: \S.* status --sandbox$/);
});

test("a working folder that was deleted is told, in one document too", async (t) => {
  const script = 'mkdir d && cd d && rmdir ../d && exec "$@"';
  for (const command of ["status", "init", "schema", "validate"]) {
    const args = ["-c", script, "sh", process.execPath, commandFile, command, "--json"];
    const ran = await execa("sh", args, {
      cwd: await temporaryFolder(t),
      env: environment(),
      extendEnv: false,
      reject: false,
    });
    assert.equal(ran.exitCode, 1, command);
    assert.equal(JSON.parse(ran.stdout).error.code, "folder-gone");
    assert.doesNotMatch(ran.stderr, /uv_cwd| at /);
  }
});

test("a wrong call exits with 1, and as JSON where that is asked for", async () => {
  const plain = await multivac(["deploi"]);
  assert.equal(plain.code, 1);
  assert.match(plain.stderr, /Unknown command 'deploi'\.\n {2}Did you mean deploy\?/);
  const json = await multivac(["status", "--json", "--nope"]);
  assert.equal(json.code, 1);
  assert.equal(json.json().error?.code, "wrong-call");
});

test("secrets and lost links among the app's files are told as warnings", async (t) => {
  const folder = await temporaryFolder(t);
  await writeConfig(folder);
  await symlink("../nowhere", path.join(folder, "app", "lost"));
  await symlink("nowhere", path.join(folder, "app", "lost-too"));
  await writeFile(path.join(folder, "app", "server.key"), "-----BEGIN PRIVATE KEY-----\n");
  const refused = (await multivac(["validate", "--json"], { cwd: folder })).json();
  assert.match(refused.error?.cause ?? "", /lost: it is a symbolic link to \.\.\/nowhere, outside/);
  await rm(path.join(folder, "app", "lost"));
  const { code, stderr } = await multivac(["validate"], { cwd: folder });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /lead to nothing that is part of the app.*: lost-too → nowhere\./);
  assert.match(stderr, /looks like a secret.*: server\.key\. .*app\.exclude.*"!server\.key"/s);
  const meant = { app: { ...goodConfig.app, exclude: ["!server.key", "lost-too"] } };
  await writeConfig(folder, { ...goodConfig, ...meant });
  assert.deepEqual((await multivac(["validate", "--json"], { cwd: folder })).json().warnings, []);
});

test("a time zone is told as machines spell it, and an old name where the system has it no more", async (t) => {
  const folder = await temporaryFolder(t);
  const problem = async (image: object) => {
    await writeConfig(folder, { ...goodConfig, image });
    return (await multivac(["validate", "--json"], { cwd: folder })).json().error?.cause;
  };
  assert.match(
    (await problem({ timezone: "europe/berlin" })) ?? "",
    /image\.timezone: expected .*, Europe\/Berlin, got/,
  );
  assert.match((await problem({ timezone: "Berlin" })) ?? "", /a time zone of the IANA database/);
  const pacific = { timezone: "US/Pacific" };
  assert.match((await problem({ ...pacific, os: "ubuntu-24.04" })) ?? "", /Ubuntu has, America\/Los_Angeles, got/);
  assert.equal(await problem(pacific), undefined);
});
