import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import {
  freezeControlGroup,
  makeControlGroup,
  planControlGroup,
  processesOf,
  removeControlGroup,
} from "../../../src/sandbox/machine/control-group.ts";
import { cleanUp } from "../../../src/sandbox/machine/index.ts";
import { linkNames } from "../../../src/sandbox/machine/links.ts";
import { mountsBelow, removeFolder } from "../../../src/sandbox/machine/mounts.ts";
import { openNetwork } from "../../../src/sandbox/machine/network.ts";
import { listMade, recordMade } from "../../../src/sandbox/machine/record.ts";

let stateFolder: string;
before(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), "multivac-clean-up-"));
});
after(() => rm(stateFolder, { recursive: true }));

/** What there is of the sandbox on this host, by asking the host and not the record. */
async function remains(sandboxId: string, vpcCidr: string): Promise<string[]> {
  const [links, routes, rules] = await Promise.all([
    execa("ip", ["-json", "link", "show"]),
    execa("ip", ["-4", "route", "show", "table", "all"]),
    execa("nft", ["list", "ruleset"]),
  ]);
  const owned = (JSON.parse(links.stdout) as { ifname: string; ifalias?: string }[]).filter(
    (link) => link.ifalias === `multivac:${sandboxId}`,
  );
  const processes: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (/^(systemd-nspawn|haproxy)\0/.test(command) && command.includes(sandboxId))
      processes.push(command.replaceAll("\0", " "));
    if (/^haproxy\0/.test(command) && command.includes(stateFolder)) processes.push(command.replaceAll("\0", " "));
  }
  const groups = (
    await execa("find", ["/sys/fs/cgroup", "-maxdepth", "4", "-name", `multivac-${sandboxId}-*`], { reject: false })
  ).stdout;
  return [
    ...owned.map((link) => link.ifname),
    ...routes.stdout.split("\n").filter((route) => route.includes(vpcCidr)),
    ...rules.stdout.split("\n").filter((rule) => rule.includes(vpcCidr)),
    ...(await mountsBelow(stateFolder)),
    ...processes,
    ...groups.split("\n").filter(Boolean),
  ];
}

test("after its owner was killed, everything made is taken down, and again changes nothing", async () => {
  const sandboxId = "clean-up-test";
  const owner = execa(
    process.execPath,
    ["--import", "tsx", fileURLToPath(new URL("owner.ts", import.meta.url)), sandboxId, stateFolder],
    {
      buffer: false,
      reject: false,
    },
  );
  const line = await new Promise<string>((resolve) =>
    owner.stdout.once("data", (chunk: Buffer) => resolve(String(chunk))),
  );
  const { vpcCidr } = JSON.parse(line) as { vpcCidr: string };
  owner.kill("SIGKILL");
  await owner;
  const left = await remains(sandboxId, vpcCidr);
  // The bridge, the machine's link, the route, the firewall, the mount, nspawn, haproxy and the groups.
  assert.ok(left.length >= 8, left.join("\n"));
  const groups = (await listMade(stateFolder)).filter(({ kind }) => kind === "cgroup");
  assert.equal(groups.length, 2);

  await cleanUp(stateFolder);
  assert.deepEqual(await remains(sandboxId, vpcCidr), []);
  for (const { paths = [] } of groups) assert.deepEqual(await processesOf(paths), []);
  assert.deepEqual(await readdir(stateFolder), []);
  await cleanUp(stateFolder);
});

test("a name that an earlier boot of the host left in the record is not touched", async () => {
  await execa("ip", ["link", "add", "name", "mv-test-other", "type", "bridge"]);
  try {
    await recordMade(stateFolder, "clean-up-test", { kind: "link", name: "mv-test-other" });
    const file = join(stateFolder, "made", "link.mv-test-other.json");
    const recorded = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...recorded, bootId: "an-earlier-boot" }));
    await cleanUp(stateFolder);
    await execa("ip", ["link", "show", "dev", "mv-test-other"]);
  } finally {
    await execa("ip", ["link", "delete", "dev", "mv-test-other"]);
  }
});

test("a link that bears a block's name is not touched: not chosen, not taken down", async () => {
  const names = await linkNames();
  const index = [...Array(32).keys()].find((one) => !names.includes(`mv${one}`)) ?? 0;
  await execa("ip", ["link", "add", "name", `mv${index}`, "type", "bridge"]);
  try {
    await recordMade(stateFolder, "clean-up-test", { kind: "address-block", name: `${index}` });
    await cleanUp(stateFolder);
    await execa("ip", ["link", "show", "dev", `mv${index}`]);
    const network = await openNetwork({ sandboxId: "clean-up-test", stateFolder });
    const links = await execa("ip", ["-json", "link", "show"]);
    await network.close();
    const own = (JSON.parse(links.stdout) as { ifname: string; ifalias?: string }[]).filter(
      ({ ifalias }) => ifalias === "multivac:clean-up-test",
    );
    assert.equal(own.length, 1);
    assert.notEqual(own[0]?.ifname, `mv${index}`);
    await execa("ip", ["link", "show", "dev", `mv${index}`]);
  } finally {
    await execa("ip", ["link", "delete", "dev", `mv${index}`]);
  }
});

test("a record that was lost with the host's power keeps nothing from being taken down", async () => {
  await mkdir(join(stateFolder, "made"), { recursive: true });
  await writeFile(join(stateFolder, "made", "mount.i-0123456789abcdef0.json"), "");
  await cleanUp(stateFolder);
  assert.deepEqual(await readdir(stateFolder), []);
});

test("a group that was killed while it was frozen is taken down", async () => {
  const group = await planControlGroup("multivac-clean-up-frozen");
  await makeControlGroup(group);
  const [file = "", ...args] = group.launcher;
  const sleeper = execa(file, [...args, "sleep", "60"], { reject: false });
  for (const end = Date.now() + 5000; (await processesOf(group.folders)).length === 0 && Date.now() < end; )
    await sleep(20);
  await freezeControlGroup(group.folders, true);
  await removeControlGroup(group.folders);
  await sleeper;
  assert.deepEqual(await processesOf(group.folders), []);
});

test("a folder is not removed while a mount lies below it", async () => {
  const folder = join(stateFolder, "machines", "i-1", "root");
  await execa("mkdir", ["-p", folder]);
  await execa("mount", ["-t", "tmpfs", "tmpfs", folder]);
  await assert.rejects(removeFolder(join(stateFolder, "machines")), /mounted below/);
  await execa("umount", [folder]);
  await cleanUp(stateFolder);
});
