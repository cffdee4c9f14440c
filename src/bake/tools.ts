import { Failure } from "../failure.ts";
import { atLeast, type PackerVersion, parsePackerVersion } from "./packer-version.ts";
import { recall, remember } from "./remembered.ts";

/** Finds what a bake runs on this machine, or says how to get it. */
export async function findTools(env: Record<string, string>): Promise<{ packer: PackerVersion }> {
  const [packer] = await Promise.all([findPacker(env), findAnsible(env), findSsh(env)]);
  return { packer };
}

/** Packer's version; a `Failure` where there is none that can bake. */
export async function findPacker(env: Record<string, string>): Promise<PackerVersion> {
  const printed = await versionOf("packer", ["version"], env, /^Packer v/m);
  const fix =
    "Install Packer 1.7 or later: https://developer.hashicorp.com/packer/install\nDebian's own, 1.6.6, bakes too: apt-get install packer\nOn AWS that one needs more permissions: multivac policy old-packer";
  if (printed === undefined) throw missing("packer", fix);
  const version = /^Packer v/m.test(printed) ? parsePackerVersion(printed) : undefined;
  // Red Hat's systems have another program of this name, which belongs to cracklib.
  if (!version) throw missing("packer", fix, "The `packer` on PATH is another program.");
  if (!atLeast(version, 1, 6, 6)) throw missing("packer", fix, `${printed.split("\n")[0]} is too old.`);
  return version;
}

/** The version of ansible-core; a `Failure` where there is none that can bake. */
export async function findAnsible(env: Record<string, string>): Promise<string> {
  const printed = await versionOf("ansible-playbook", ["--version"], env, /\bcore \d/);
  const fix = "Install Ansible (ansible-core 2.14 or later); on Debian and Ubuntu: apt-get install ansible-core";
  if (printed === undefined) throw missing("ansible-playbook", fix);
  const [, version = "", major, minor] = /\bcore ((\d+)\.(\d+)[\w.]*)/.exec(printed) ?? [];
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 14)) return version;
  throw missing("ansible-playbook", fix, `${printed.split("\n")[0]} is too old.`);
}

/** What OpenSSH calls itself; a `Failure` where it is not there. */
export async function findSsh(env: Record<string, string>): Promise<string> {
  const printed = await ask("ssh", ["-V"], env);
  if (printed !== undefined) return printed.split(/[,\n]/)[0] ?? "";
  throw missing("ssh", "Install the OpenSSH client; on Debian and Ubuntu: apt-get install openssh-client");
}

/** What a program prints of its version; what is none is not remembered. */
async function versionOf(
  program: string,
  args: string[],
  env: Record<string, string>,
  version: RegExp,
): Promise<string | undefined> {
  const known = recall(program, env);
  if (known !== undefined) return known;
  const printed = await ask(program, args, env);
  if (printed !== undefined && version.test(printed)) remember(program, env, printed);
  return printed;
}

/** What a program prints, or undefined when it is not there. */
async function ask(program: string, args: string[], env: Record<string, string>): Promise<string | undefined> {
  const { execa } = await import("execa");
  const result = await execa(program, args, {
    env,
    extendEnv: false,
    stdin: "ignore",
    all: true,
    reject: false,
    timeout: 30_000,
  });
  return result.code === "ENOENT" ? undefined : (result.all ?? "");
}

function missing(program: string, fix: string, reason?: string): Failure {
  return new Failure({
    code: `${program}-missing`,
    message: `\`${program}\`, which bakes the image, is not usable here.`,
    reason: reason ?? `There is no ${program} on PATH.`,
    fix,
  });
}
