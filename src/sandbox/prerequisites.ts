import { mkdtemp, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { findProgram, isExecutable } from "../programs.ts";

export interface Prerequisite {
  /** The program or ability, like `haproxy` or `root`. */
  what: string;
  why: string;
  /** The Debian package that brings it. */
  debianPackage?: string;
  /** Whether the AWS API alone, without machines, needs it too. */
  always?: boolean;
}

export interface MissingPrerequisite extends Prerequisite {
  /** The command or step that brings it. */
  fix: string;
}

const programs: readonly Prerequisite[] = [
  { what: "systemd-nspawn", why: "runs the machines", debianPackage: "systemd-container" },
  { what: "mmdebstrap", why: "makes the root that machines stand on", debianPackage: "mmdebstrap" },
  { what: "haproxy", why: "is the data path of the load balancers", debianPackage: "haproxy" },
  { what: "ip", why: "makes the machines' network", debianPackage: "iproute2" },
  { what: "nft", why: "keeps machines from reaching anything but their package proxy", debianPackage: "nftables" },
  { what: "nsenter", why: "sets up a machine's network from outside", debianPackage: "util-linux" },
  { what: "ssh", why: "is how the bake, and you, reach a machine", debianPackage: "openssh-client" },
  { what: "packer", why: "bakes the image", debianPackage: "packer" },
  { what: "ansible-playbook", why: "sets the image up", debianPackage: "ansible-core" },
];

export const prerequisites: readonly Prerequisite[] = [
  { what: "Linux", why: "machines are containers of its kernel" },
  { what: "root", why: "machines need mounts, namespaces and network links" },
  ...programs,
  { what: "overlayfs", why: "lets machines and images share what they have in common" },
  { what: "moto_server", why: "answers the AWS API", always: true },
];

/**
 * A name of the Python package with the parts of AWS that the sandbox plays.
 * @public
 */
export const motoRequirement = "moto[ec2,autoscaling,elbv2,server]";

/**
 * Where a moto that is not on the PATH lives.
 * @public
 */
export const motoEnvironment = (cacheFolder: string) => join(cacheFolder, "moto");

export interface CheckPrerequisitesOptions {
  /** Without machines only the AWS API is needed. */
  machines: boolean;
  cacheFolder: string;
  environment: NodeJS.ProcessEnv;
}

/** What this host lacks for a sandbox; empty when nothing does. Changes nothing. */
export async function missingPrerequisites(options: CheckPrerequisitesOptions): Promise<MissingPrerequisite[]> {
  const asked = prerequisites.filter((prerequisite) => options.machines || prerequisite.always);
  const found = await Promise.all(asked.map((prerequisite) => isThere(prerequisite.what, options)));
  const missing = asked.filter((_, n) => !found[n]);
  return missing.map((prerequisite) => ({ ...prerequisite, fix: fixFor(prerequisite, options) }));
}

/** The one command that installs every missing Debian package; undefined when none is missing. */
export function installCommand(missing: readonly MissingPrerequisite[]): string[] | undefined {
  const names = [...new Set(missing.flatMap(({ debianPackage }) => debianPackage ?? []))];
  return names.length > 0 ? ["apt-get", "install", "--yes", "--no-install-recommends", ...names] : undefined;
}

/** The moto_server to run: the cache folder's own first, then the PATH's; undefined when there is none. */
export async function findMotoServer({
  cacheFolder,
  environment,
}: CheckPrerequisitesOptions): Promise<string | undefined> {
  const own = join(motoEnvironment(cacheFolder), "bin", "moto_server");
  return isExecutable(own) ? own : findProgram("moto_server", pathOf(environment));
}

async function isThere(what: string, options: CheckPrerequisitesOptions): Promise<boolean> {
  if (what === "Linux") return process.platform === "linux";
  if (what === "root") return process.getuid?.() === 0;
  if (what === "overlayfs") return canMountOverlay();
  if (what === "moto_server") return (await findMotoServer(options)) !== undefined;
  return findProgram(what, pathOf(options.environment)) !== undefined;
}

function fixFor({ what, debianPackage }: Prerequisite, { cacheFolder }: CheckPrerequisitesOptions): string {
  if (debianPackage) return `apt-get install --yes --no-install-recommends ${debianPackage}`;
  const moto = motoEnvironment(cacheFolder);
  if (what === "moto_server")
    return `Install moto: python3 -m venv ${moto} && ${moto}/bin/pip install '${motoRequirement}'`;
  if (what === "root") return "Run all commands with --sandbox as root: its sandbox is not seen by other users.";
  if (what === "overlayfs")
    return "Use a kernel with overlayfs, and a /var/lib that is not itself on an overlay; in a container, allow it to mount (CAP_SYS_ADMIN).";
  return "Run the sandbox on a Linux machine.";
}

/** The folders of the PATH, and those that only root has on it. */
function pathOf({ PATH = "" }: NodeJS.ProcessEnv): string {
  return [PATH, "/usr/sbin", "/sbin"].join(delimiter);
}

/** Tries it where machines' disks will lie: that the kernel knows overlays says nothing of the file system below. */
async function canMountOverlay(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return true;
  const folder = await mkdtemp("/var/lib/multivac-overlay-");
  const paths = ["lower", "upper", "work", "root"].map((name) => join(folder, name));
  const [lower = "", upper = "", work = "", root = ""] = paths;
  try {
    await execa("mkdir", paths);
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    const { failed } = await execa("mount", ["-t", "overlay", "overlay", "-o", options, root], { reject: false });
    if (!failed) await execa("umount", [root]);
    return !failed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
