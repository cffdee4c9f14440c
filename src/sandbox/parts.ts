import type { Report } from "../progress.ts";
import type { Balancer, Machines } from "./machines.ts";

/** Everything below the endpoint that a sandbox with machines has. */
export interface RealParts {
  vpcCidr: string;
  subnetCidrs: readonly [string, string];
  hostAddress: string;
  /** When the base image was made. */
  baseImageCreated: Date;
  machines: Machines;
  balancer: Balancer;
  close(): Promise<void>;
}

interface OpenOptions {
  id: string;
  stateFolder: string;
  cacheFolder: string;
  baseImageId: string;
  report: Report;
  /** Gives up making the base root. */
  signal: AbortSignal;
}

/** Prepares the base root, opens the network and what else machines need. Closing goes the other way round. */
export async function openRealParts({
  id,
  stateFolder,
  cacheFolder,
  baseImageId,
  report,
  signal,
}: OpenOptions): Promise<RealParts> {
  const machine = await import("./machine/index.ts");
  await machine.cleanUp(stateFolder);
  const baseRoot = await machine.prepareBaseRoot({ cacheFolder, report, signal });
  const network = await machine.openNetwork({ sandboxId: id, stateFolder });
  const closing: (() => Promise<void>)[] = [() => network.close()];
  const close = async () => {
    for (const step of closing.reverse()) await step();
  };
  try {
    const proxy = await machine.startPackageProxy({
      address: network.gatewayAddress,
      port: network.proxyPort,
      cacheFolder,
    });
    closing.push(() => proxy.close());
    const { machineFiles } = proxy;
    const shared = { sandboxId: id, stateFolder, baseRoot, baseImageIds: [baseImageId], network, machineFiles };
    const machines = machine.createMachines(shared);
    closing.push(() => machines.close());
    const balancer = machine.createBalancer({ sandboxId: id, stateFolder });
    closing.push(() => balancer.close());
    return {
      vpcCidr: network.vpcCidr,
      subnetCidrs: network.subnetCidrs,
      hostAddress: network.gatewayAddress,
      baseImageCreated: baseRoot.created,
      machines,
      balancer,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
