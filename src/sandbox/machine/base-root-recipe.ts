import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { type AptSources, nameInMachine } from "./apt-sources.ts";
import { userDataUnit } from "./user-data.ts";

/** What a machine image of the distribution's vendor has, as far as baking and running an app need it. */
const packages = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "python3",
  "python3-apt",
  "sudo",
  "iproute2",
  "ca-certificates",
  "curl",
  "chrony",
  "tzdata",
];

/** Units that mean nothing in a machine without hardware, or that would hold apt's lock during a bake. */
const maskedUnits = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "console-getty.service",
  "e2scrub_all.timer",
  "e2scrub_reap.service",
  "fstrim.timer",
  "getty@tty1.service",
  "systemd-pstore.service",
];

/** The user that the vendor's machine images let in by key. */
export const defaultUser = { name: "admin", uid: 1000, home: "/home/admin" } as const;

/** Raise it when `customize` changes, so that cached roots are made anew. */
const layoutVersion = 1;

export interface BaseRootRecipe {
  suite: string;
  sources: AptSources;
  /** Settings of this host's apt that decide whether its sources can be used, as `Key "value"`. */
  aptOptions: string[];
}

export function recipeKey({ suite, sources, aptOptions }: BaseRootRecipe): string {
  const text = JSON.stringify([
    layoutVersion,
    arch(),
    packages,
    suite,
    sources.files,
    aptOptions,
    maskedUnits,
    userDataUnit,
  ]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

export function mmdebstrapArguments({ suite, sources, aptOptions }: BaseRootRecipe, target: string): string[] {
  return [
    "--variant=minbase",
    "--format=directory",
    `--include=${packages.join(",")}`,
    ...['Apt::Install-Recommends "false"', ...aptOptions].map((option) => `--aptopt=${option}`),
    suite,
    target,
    ...sources.files.map((file) => file.path),
  ];
}

/** Turns what mmdebstrap made into the disk of a machine that has never booted. */
export async function customize(root: string, { sources, aptOptions }: BaseRootRecipe): Promise<void> {
  const write = (path: string, text: string, mode = 0o644) => writeBelow(root, path, text, mode);
  await execa("chroot", [
    root,
    "useradd",
    "--create-home",
    "--shell=/bin/bash",
    `--uid=${defaultUser.uid}`,
    "--groups=adm,sudo",
    defaultUser.name,
  ]);
  await write("etc/sudoers.d/90-default-user", `${defaultUser.name} ALL=(ALL) NOPASSWD:ALL\n`, 0o440);
  await write(
    "etc/ssh/sshd_config.d/50-machine.conf",
    "AddressFamily inet\nHostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\n",
  );
  for (const name of await readdir(join(root, "etc/ssh"))) {
    if (name.startsWith("ssh_host_")) await rm(join(root, "etc/ssh", name));
  }
  for (const unit of maskedUnits) await link(root, `etc/systemd/system/${unit}`, "/dev/null");
  await write("etc/systemd/system/cloud-final.service", userDataUnit);
  await link(
    root,
    "etc/systemd/system/multi-user.target.wants/cloud-final.service",
    "/etc/systemd/system/cloud-final.service",
  );

  await rm(join(root, "etc/apt/sources.list"), { force: true });
  await rm(join(root, "etc/apt/sources.list.d"), { recursive: true, force: true });
  for (const file of sources.files) await write(`etc/apt/sources.list.d/${nameInMachine(file)}`, file.text);
  for (const keyring of sources.keyrings) {
    await mkdir(join(root, dirname(keyring)), { recursive: true });
    await copyFile(keyring, join(root, keyring)).catch(() => {});
  }
  await rm(join(root, "etc/apt/apt.conf.d/99mmdebstrap"), { force: true });
  await write("etc/apt/apt.conf.d/50host", aptOptions.map((option) => `${option};\n`).join(""));

  for (const path of ["etc/machine-id", "etc/resolv.conf", "etc/fstab"]) await write(path, "");
  await rm(join(root, "etc/hostname"), { force: true });
}

async function writeBelow(root: string, path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await rm(join(root, path), { force: true });
  await writeFile(join(root, path), text);
  await chmod(join(root, path), mode);
}

async function link(root: string, path: string, target: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await rm(join(root, path), { force: true });
  await symlink(target, join(root, path));
}
