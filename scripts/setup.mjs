#!/usr/bin/env node
// Brings what a clone needs to run the demo and the tests, and says what it installs. Plain JavaScript without
// dependencies, because it runs before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";

const root = new URL("../", import.meta.url);
process.chdir(root.pathname);

/** Sets up node modules, the build and, where `machines` is true, the sandbox's programs. Exits with 1 when it cannot. */
export async function setUp({ forTests = false } = {}) {
  checkNode();
  installModules();
  run("npm", ["run", "--silent", "build"]);
  await installPrerequisites(forTests ? testTools : []);
}

/** Programs that only the tests use, and the Debian package of each. */
const testTools = [
  { program: "ansible-lint", debianPackage: "ansible-lint" },
  { program: "shellcheck", debianPackage: "shellcheck" },
  { program: "pgrep", debianPackage: "procps" },
  { program: "zsh", debianPackage: "zsh" },
  { program: "fish", debianPackage: "fish" },
];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 12))
    fail(`multivac needs Node 20.12 or later; this is ${process.version}.`);
}

/** Installs the node modules of the lock file, unless exactly those are there. */
function installModules() {
  const lock = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  const mark = "node_modules/.multivac-lock";
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  say("Installing node modules (npm ci).");
  run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
  writeFileSync(mark, lock);
}

async function installPrerequisites(tools) {
  const sandbox = await import("../dist/sandbox/prerequisites.cjs");
  const { foldersOf } = await import("../dist/sandbox/folders.cjs");
  const options = { machines: true, cacheFolder: foldersOf("setup").cache, environment: process.env };
  const look = async () => await sandbox.missingPrerequisites(options);

  const missingTools = tools.filter(({ program }) => spawnSync(program, ["--version"]).error);
  const packages = [...(await look()), ...missingTools].flatMap(({ debianPackage }) => debianPackage ?? []);
  if (packages.length > 0) await installPackages([...new Set(packages)]);
  if ((await look()).some(({ what }) => what === "moto_server")) {
    await installMoto(sandbox.motoEnvironment(options.cacheFolder), sandbox.motoRequirement);
  }
  const left = await look();
  if (left.length === 0) return;
  fail(`Missing for the sandbox:\n${left.map(({ what, why, fix }) => `  ${what}, which ${why}: ${fix}`).join("\n")}`);
}

/** Puts moto into a Python environment of its own in the sandbox's cache. */
async function installMoto(folder, requirement) {
  say(`Installing ${requirement} into ${folder}`);
  if (!attempt("python3", ["-m", "venv", folder])) {
    await installPackages(["python3-venv"]);
    run("python3", ["-m", "venv", folder]);
  }
  run(`${folder}/bin/pip`, ["install", "--quiet", requirement]);
}

/** Installs Debian packages when root, after a question where sudo is there; otherwise says the command and stops. */
async function installPackages(packages) {
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...packages];
  const isRoot = process.getuid?.() === 0;
  if (!existsSync("/usr/bin/apt-get"))
    fail(`These programs are missing; install what your system calls them: ${packages.join(", ")}`);
  if (!isRoot && !(await agreed(`Install ${packages.join(", ")} with sudo?`))) {
    fail(`Missing packages of the system. Install them with:\n  sudo ${install.join(" ")}`);
  }
  say(`Installing packages of the system: ${packages.join(", ")}`);
  const prefix = isRoot ? [] : ["sudo"];
  withoutServices(isRoot, () => {
    const [program, ...args] = [...prefix, ...install];
    if (attempt(program, args)) return;
    const [update, ...updateArgs] = [...prefix, "apt-get", "update"];
    run(update, updateArgs);
    run(program, args);
  });
  if (packages.includes("haproxy") && existsSync("/run/systemd/system")) {
    const [program, ...args] = [...prefix, "systemctl", "disable", "--now", "haproxy"];
    attempt(program, args);
  }
}

/** Keeps Debian from starting the services of packages while `work` installs them (policy-rc.d, invoke-rc.d(8)). */
function withoutServices(isRoot, work) {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = isRoot && !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    work();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

async function agreed(question) {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(`${question} [y/N] `);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

function attempt(program, args) {
  return (
    spawnSync(program, args, { stdio: ["ignore", 2, 2], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })
      .status === 0
  );
}

export function run(program, args) {
  if (!attempt(program, args)) fail(`This failed: ${program} ${args.join(" ")}`);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

if (process.argv[1] === new URL(import.meta.url).pathname) await setUp();
