import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bootContainer } from "../../../src/sandbox/machine/container.ts";
import {
  makeControlGroup,
  planControlGroup,
  processesOf,
  removeControlGroup,
} from "../../../src/sandbox/machine/control-group.ts";
import { cleanUp, createBalancer, createMachines } from "../../../src/sandbox/machine/index.ts";

/** Parts of a machine's side that cannot start, and what is told of it. */

let stateFolder: string;
before(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), "multivac-failures-"));
});
after(async () => {
  await cleanUp(stateFolder);
  await rm(stateFolder, { recursive: true });
});

test("a machine whose disk holds no system: machine-did-not-boot, and nothing of it runs on", async () => {
  const root = join(stateFolder, "empty");
  await mkdir(root);
  const name = `failures-test-${process.pid}`;
  const group = await planControlGroup(`multivac-${name}`);
  await makeControlGroup(group);
  try {
    const consoleFile = join(stateFolder, "console");
    await assert.rejects(bootContainer({ name, hostname: name, root, group, consoleFile }), {
      code: "machine-did-not-boot",
      reason: /OS tree|os-release|does(n't| not) look like/i,
    });
    assert.deepEqual(await processesOf(group.folders), []);
  } finally {
    await removeControlGroup(group.folders);
  }
});

test("a machine that is not there: machine-not-found", async () => {
  const baseRoot = { folder: stateFolder, key: "none", defaultUser: "admin", created: new Date() };
  const shared = { sandboxId: "failures-test", stateFolder, baseRoot, baseImageIds: ["ami-base"] };
  // No machine is launched, so that no network is asked for.
  const machines = createMachines({ ...shared, network: undefined as never, machineFiles: [] });
  await assert.rejects(machines.console("i-0123456789abcdef0"), { code: "machine-not-found" });
  await machines.close();
});

test("an address and port that something else has: load-balancer-failed", async () => {
  const [address, port] = ["127.201.8.1", 8099];
  const server = createServer().listen(port, address);
  await once(server, "listening");
  const balancer = createBalancer({ sandboxId: "failures-test", stateFolder });
  try {
    const listener = { address, port, targetGroup: "web", targets: [] };
    await assert.rejects(balancer.apply([listener]), { code: "load-balancer-failed", fix: /address and port/ });
  } finally {
    await balancer.close();
    server.close();
  }
});
