import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { openNetwork } from "../../../src/sandbox/machine/index.ts";
import { mountsBelow } from "../../../src/sandbox/machine/mounts.ts";
import type { MachineSpec } from "../../../src/sandbox/machines.ts";
import { eventually } from "../../eventually.ts";
import { type Ground, openGround } from "./ground.ts";

let ground: Ground;
const exited: string[] = [];

before(async () => {
  ground = await openGround("nspawn-test");
  ground.machines.onExit((id) => exited.push(id));
});
after(() => ground.close());

const newId = () => `i-${randomBytes(9).toString("hex").slice(1)}`;

async function launch(n: number, change: Partial<MachineSpec> = {}): Promise<MachineSpec> {
  const spec: MachineSpec = {
    id: newId(),
    imageId: "ami-base",
    address: ground.address(n),
    hostname: `host-${n}`,
    publicKeys: [ground.publicKey],
    ...change,
  };
  await ground.machines.launch(spec);
  return spec;
}

/** Whether the host connects, or the code of the error. */
function connects(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    socket.once("connect", () => resolve("connected"));
    socket.once("timeout", () => resolve("timeout"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    socket.once("connect", () => socket.destroy());
  });
}

/** A healthy boot: systemd says `running`, which it does not while a unit has failed. */
async function assertRunning(address: string): Promise<void> {
  assert.equal(
    await ground.ssh(address, "systemctl is-system-running --wait; systemctl --failed --no-legend"),
    "running",
  );
}

test("a machine boots, lets its key in, has run its user data and shows its console", async () => {
  const userData = "#!/bin/sh\necho user data says hello\nid -u > /etc/user-data-ran\n";
  const { id, address } = await launch(1, { userData });
  // It lets in before all of it has run.
  await assertRunning(address);
  assert.equal(await ground.ssh(address, "sudo id -un; hostname; cat /etc/user-data-ran"), "root\nhost-1\n0");
  assert.equal(await ground.ssh(address, "cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6"), "1");
  // Root of the machine is nobody of the host.
  assert.match(await ground.ssh(address, "cat /proc/self/uid_map"), /^\s*0\s+655360\s+65536$/);
  const console = await ground.machines.console(id);
  assert.match(console, /user data says hello/);
  assert.match(console, /Reached target/);
  await ground.machines.terminate(id);
  await ground.machines.terminate(id);
  assert.deepEqual(await mountsBelow(join(ground.stateFolder, "machines")), []);
  assert.deepEqual(exited, []);
});

test("a machine reaches the package proxy and nothing else, whatever its root does", async () => {
  const [one, other] = await Promise.all([launch(1), launch(2)]);
  const server = createServer((socket) => socket.on("error", () => {}).end("host service"));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as { port: number };
  const hosts = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ family }) => family === "IPv4"),
  );
  const outside =
    hosts.find(({ internal, address }) => !internal && !address.startsWith("198.18."))?.address ?? "192.0.2.1";
  await ground.ssh(other.address, "true");
  const { gatewayAddress, proxyPort } = ground.network;
  const neighbour = await openNetwork({ sandboxId: "nspawn-test-neighbour", stateFolder: ground.stateFolder });
  assert.equal(await connects(neighbour.gatewayAddress, port), "connected");
  const targets = [
    `${neighbour.gatewayAddress}/${port}`,
    `${gatewayAddress}/${port}`,
    `${gatewayAddress}/22`,
    `${outside}/${port}`,
    `${other.address}/22`,
    "203.0.113.1/80",
    "169.254.169.254/80",
  ];
  const reached = async (from: MachineSpec, before = ""): Promise<string> => {
    const all = [`${gatewayAddress}/${proxyPort}`, ...targets];
    const tries = all.map(
      (target, index) =>
        `(timeout ${index === 0 ? 20 : 1} bash -c 'exec 3<>/dev/tcp/${target}' 2>/dev/null && echo ${target}) &`,
    );
    return ground.ssh(from.address, `${before} ${tries.join(" ")} wait`);
  };
  assert.equal(await reached(one), `${gatewayAddress}/${proxyPort}`);
  // Its root may give it any route and address: the host drops what comes of it.
  assert.equal(
    await reached(one, `sudo ip route add default via ${gatewayAddress};`),
    `${gatewayAddress}/${proxyPort}`,
  );
  const spoofed = ground.address(7);
  const spoof = `sudo ip address add ${spoofed}/32 dev eth0; sudo ip route add 203.0.113.0/24 via ${gatewayAddress} src ${spoofed};`;
  const asOther = `timeout 1 curl -sS --interface ${spoofed} http://${gatewayAddress}:${proxyPort} && echo spoofed; true`;
  assert.doesNotMatch(await ground.ssh(one.address, `${spoof} ${asOther}`), /spoofed/);
  // What the test asks for is there: the host itself gets it.
  assert.equal(await connects(gatewayAddress, port), "connected");
  assert.equal(await connects(other.address, 22), "connected");
  assert.equal(await connects(ground.address(8), 22), "EHOSTUNREACH");
  server.close();
  await neighbour.close();
  await Promise.all([one, other].map(({ id }) => ground.machines.terminate(id)));
});

test("packages install through the proxy", async () => {
  const { id, address } = await launch(1);
  const output = await ground.ssh(
    address,
    "sudo apt-get -qq update && sudo apt-get -qq install -y hello </dev/null >/dev/null 2>&1; hello",
  );
  assert.equal(output.split("\n").at(-1), "Hello, world!");
  await ground.machines.terminate(id);
});

test("images of a stopped and of a running machine boot as new machines", async () => {
  const userData = "#!/bin/sh\nhostname >> /etc/user-data-ran\n";
  const source = await launch(1, { userData });
  await assertRunning(source.address);
  const identity = "cat /etc/machine-id /etc/ssh/ssh_host_*_key.pub";
  const first = await ground.ssh(source.address, `echo app | sudo tee /etc/app; ${identity}`);
  await ground.machines.createImage(source.id, "ami-running");
  await ground.machines.stop(source.id);
  await ground.machines.createImage(source.id, "ami-stopped");
  await ground.machines.start(source.id);
  assert.equal(await ground.ssh(source.address, "cat /etc/app /etc/user-data-ran"), "app\nhost-1");

  const copies = await Promise.all([
    launch(2, { imageId: "ami-running", userData }),
    launch(3, { imageId: "ami-stopped", userData }),
  ]);
  for (const { address, hostname } of copies) {
    await assertRunning(address);
    assert.equal(await ground.ssh(address, "cat /etc/app /etc/user-data-ran"), `app\nhost-1\n${hostname}`);
    const own = (await ground.ssh(address, identity)).split("\n");
    for (const line of own) assert.ok(!first.includes(line), `${line} is the image's`);
  }
  // A layer goes with the last that stands on it.
  const layers = () => readdir(join(ground.stateFolder, "layers"));
  assert.equal((await layers()).length, 2);
  await ground.machines.deleteImage("ami-running");
  await ground.machines.deleteImage("ami-stopped");
  assert.equal((await layers()).length, 2);
  await Promise.all([source, ...copies].map(({ id }) => ground.machines.terminate(id)));
  assert.deepEqual(await layers(), []);
  await assert.rejects(launch(4, { imageId: "ami-stopped" }), { code: "image-not-found" });
});

test("links in an image lead no write to the host", async () => {
  const source = await launch(1);
  const target = join(ground.stateFolder, "host-folder");
  await mkdir(target);
  await writeFile(join(target, "passwd"), "host\n");
  const upper = join(ground.stateFolder, "machines", source.id, "upper");
  await ground.machines.stop(source.id);
  await execa("rm", ["-rf", join(upper, "home"), join(upper, "etc/hosts")]);
  await mkdir(join(upper, "home/admin"), { recursive: true });
  await execa("chown", ["-R", "656360:656360", join(upper, "home/admin")]);
  await symlink(target, join(upper, "home/admin/.ssh"));
  await symlink(join(target, "passwd"), join(upper, "etc/hosts"));
  await ground.machines.createImage(source.id, "ami-hostile");
  const { id, address } = await launch(2, { imageId: "ami-hostile" });
  assert.deepEqual(await readdir(target), ["passwd"]);
  assert.equal(await readFile(join(target, "passwd"), "utf8"), "host\n");
  assert.match(await ground.ssh(address, "cat /etc/hosts"), /host-2/);
  await Promise.all([source.id, id].map((one) => ground.machines.terminate(one)));
});

test("a reboot is no exit; a power off and a kill from outside are", async () => {
  const [rebooting, off, killed] = await Promise.all([launch(1), launch(2), launch(3)]);
  const boot = await ground.ssh(
    rebooting.address,
    "cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1; sudo reboot",
  );
  await ground.ssh(off.address, "sudo poweroff");
  const pid = ground.machines.pid(killed.id);
  assert.ok(pid);
  process.kill(pid, "SIGKILL");
  await eventually(async () => exited.length >= 2);
  assert.deepEqual(exited.sort(), [off.id, killed.id].sort());
  const booted = "cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1";
  await eventually(async () => (await ground.ssh(rebooting.address, booted)) !== boot);
  await assertRunning(rebooting.address);
  await ground.machines.start(killed.id);
  await assertRunning(killed.address);
  await Promise.all([rebooting, off, killed].map(({ id }) => ground.machines.terminate(id)));
  assert.equal(exited.length, 2);
});
