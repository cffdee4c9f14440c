import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { environment, packageRoot, type Ran } from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";

/** The package as npm publishes it, installed for somebody whose home is empty, under each Node that it is for. */

let folder: string;
let installed: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "multivac-package-"));
  const clone = path.join(folder, "clone");
  const notInClone = new Set([".git", "node_modules", "dist", "coverage"].map((name) => path.join(packageRoot, name)));
  await cp(packageRoot, clone, { recursive: true, filter: (file) => !notInClone.has(file) });
  await symlink(path.join(packageRoot, "node_modules"), path.join(clone, "node_modules"));
  const { stdout } = await execa("npm", ["pack", "--json", "--loglevel=error"], { cwd: clone });
  const [{ filename, size }] = JSON.parse(stdout.slice(stdout.indexOf("["))) as [{ filename: string; size: number }];
  assert.ok(size < 2_000_000, `it has ${size} bytes`);
  const own = { HOME: folder, npm_config_cache: path.join(folder, "cache"), npm_config_update_notifier: "false" };
  const install = ["install", "--global", "--offline", "--prefix", path.join(folder, "prefix")];
  await execa("npm", [...install, path.join(clone, filename)], { cwd: folder, env: own });
  installed = path.join(folder, "prefix/lib/node_modules/multivac");
});
after(() => rm(folder, { recursive: true, force: true }));

test("it holds what the tool needs, and no sources, tests or other packages", async () => {
  const top = await readdir(installed);
  assert.deepEqual(top.sort(), [
    ...["LICENSE", "README.md", "ansible", "config.example.json", "config.schema.json", "dist", "docs", "package.json"],
    ...["packer", "templates"],
  ]);
  const all = await readdir(installed, { recursive: true });
  assert.deepEqual(
    all.filter((file) => /\.(test\.js|map|svg|mjs)$|(?<!\.d)\.ts$/.test(file)),
    [],
  );
  const named = [...(await readFile(path.join(installed, "README.md"), "utf8")).matchAll(/\]\((docs\/[^)#]+)/g)];
  // Pictures are looked at where the repository is.
  for (const [, file = ""] of named) if (!file.endsWith(".svg")) await stat(path.join(installed, file));
  const licenses = await readFile(path.join(installed, "dist/licenses.txt"), "utf8");
  for (const name of ["commander", "zod", "@aws-sdk/client-ec2"])
    assert.match(licenses, new RegExp(`^${name} \\d`, "m"));
});

/** Fetches a Node from npm, and returns how to run the installed command under it. */
async function under(version: string): Promise<(args: string[], cwd?: string) => Promise<Ran>> {
  const home = path.join(folder, `home-${version}`);
  const place = path.join(folder, `node-${version}`);
  await mkdir(home);
  const packageName = `node-linux-${process.arch}`;
  await execa("npm", ["install", "--no-audit", "--no-fund", "--prefix", place, `${packageName}@${version}`]);
  const bin = [path.join(place, "node_modules", packageName, "bin"), path.join(folder, "prefix/bin")];
  const env = environment({
    HOME: home,
    PATH: `${bin.join(":")}:${process.env.PATH}`,
    MULTIVAC_SANDBOX: "test-package",
  });
  const { stdout } = await execa("node", ["--version"], { env, extendEnv: false });
  assert.ok(stdout.startsWith(`v${version}`), stdout);
  return async (args, cwd = installed) => {
    const ran = await execa("multivac", args, { cwd, env, extendEnv: false, reject: false, input: "" });
    return { code: ran.exitCode ?? -1, stdout: ran.stdout, stderr: ran.stderr, json: () => JSON.parse(ran.stdout) };
  };
}

test("a Node that is too old is told so", async () => {
  const run = await under("20.11.1");
  assertEnds(await run(["validate", "--json"]), "node-too-old", {
    message: /needs Node 20\.12\.0 or later; this is 20\.11\.1/,
  });
  assert.match((await run(["--help"])).stderr, /needs Node/);
});

for (const version of ["20.12.0", "22", "24"]) {
  test(`on Node ${version} it does what it does on this one`, async () => {
    const run = await under(version);
    const good = async (...args: string[]) => {
      const ran = await run(args);
      assert.equal(ran.code, 0, `${args.join(" ")}\n${ran.stderr}`);
      return ran.stdout;
    };
    const example = ["--config", "config.example.json"];
    const { version: number } = JSON.parse(await readFile(path.join(installed, "package.json"), "utf8"));
    assert.equal((await good("--version")).split("\n")[0], number);
    assert.match(await good("--help"), /deploy/);
    assert.match(await good("validate", ...example), /^config\.example\.json is valid/);
    assert.deepEqual(
      JSON.parse(await good("schema")),
      JSON.parse(await readFile(path.join(installed, "config.schema.json"), "utf8")),
    );
    for (const shell of ["bash", "zsh", "fish"]) assert.match(await good("completion", shell), /__complete/);
    assert.deepEqual(
      (await good("__complete", "--", "de")).split("\n").map((line) => line.split("\t")[0]),
      ["deploy", "destroy"],
    );

    const { sandbox } = JSON.parse(await good("sandbox", "start", "--no-machines", "--json"));
    try {
      const stack = ["--sandbox", "--json", ...example];
      await good("plan", ...stack);
      await good("deploy", "--yes", "--image", sandbox.baseImageId, ...stack);
      assert.equal(JSON.parse(await good("status", ...stack)).state, "healthy");
      assert.deepEqual(JSON.parse(await good("destroy", "--yes", ...stack)).remaining, []);
    } finally {
      await good("sandbox", "stop", "--yes");
    }
  });
}
