/** Stands for a daemon: makes one of everything, says so, and waits to be killed. */
import { prepareBaseRoot } from "../../../src/sandbox/machine/base-root.ts";
import { createBalancer, createMachines, openNetwork } from "../../../src/sandbox/machine/index.ts";
import { cacheFolder } from "./ground.ts";

const [sandboxId = "", stateFolder = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const baseRoot = await prepareBaseRoot({ cacheFolder, report: () => {} });
  const network = await openNetwork({ sandboxId, stateFolder });
  const common = { sandboxId, stateFolder };
  const machines = createMachines({ ...common, baseRoot, baseImageIds: ["ami-base"], network, machineFiles: [] });
  const address = network.gatewayAddress.replace(/1$/, "9");
  await machines.launch({
    id: "i-00000000000000009",
    imageId: "ami-base",
    address,
    hostname: "orphan",
    publicKeys: [],
  });
  const targets = [{ id: "i-00000000000000009", address, port: 22, draining: false }];
  await createBalancer(common).apply([{ address: "127.201.7.2", port: 8080, targetGroup: "web", targets }]);
  process.stdout.write(`${JSON.stringify({ vpcCidr: network.vpcCidr })}\n`);
}

setInterval(() => {}, 1000);
void main();
