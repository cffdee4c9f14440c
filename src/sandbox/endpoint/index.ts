import { join } from "node:path";
import type { Balancer, Machines } from "../machines.ts";
import { createGroups } from "./autoscaling/groups.ts";
import { autoScalingHandlers } from "./autoscaling/index.ts";
import { startLoop } from "./autoscaling/loop.ts";
import { settle } from "./autoscaling/settle.ts";
import { baseImage, writeBaseImages } from "./base-image.ts";
import { createCallLog } from "./call-log.ts";
import { createControl } from "./control.ts";
import { createDispatch } from "./dispatch.ts";
import { clientTokens } from "./ec2/client-tokens.ts";
import { createDeletedVersions } from "./ec2/deleted-versions.ts";
import { createImages } from "./ec2/images.ts";
import { ec2Handlers } from "./ec2/index.ts";
import { createInstances, type Instances } from "./ec2/instances.ts";
import { createLaunchChecks } from "./ec2/launch-checks.ts";
import { createPower } from "./ec2/power.ts";
import { createLoadBalancing, type LoadBalancing } from "./elasticloadbalancing/index.ts";
import { probeHttp } from "./elasticloadbalancing/probe.ts";
import { createFaults } from "./faults/index.ts";
import { indexHandlers } from "./handler.ts";
import { createPermissions } from "./iam/index.ts";
import { createThings } from "./iam/things.ts";
import { createLater } from "./later.ts";
import { createMemoryBalancer } from "./memory/balancer.ts";
import { createMemoryHealth } from "./memory/health.ts";
import { createMemoryMachines } from "./memory/machines.ts";
import { startMoto } from "./moto.ts";
import { createMotoClients } from "./moto-clients.ts";
import { createMotoRead } from "./moto-read.ts";
import { createNetwork, type Network } from "./network.ts";
import { createPriceList } from "./pricing/products.ts";
import { startServer } from "./server.ts";
import { serviceQuotas } from "./servicequotas/index.ts";
import { type Settings, settingsWithMachines, settingsWithoutMachines } from "./settings.ts";
import { ssmHandlers } from "./ssm/index.ts";

export interface EndpointOptions {
  /** Where the endpoint may write the few files it needs. */
  folder: string;
  region: string;
  account: string;
  vpcCidr: string;
  /** One subnet in each of two zones. */
  subnetCidrs: readonly [string, string];
  /** The loopback block that load balancers take their addresses from. */
  loopbackBlock: string;
  /** Real machines and their data path; without them both are only remembered. */
  real?: { machines: Machines; balancer: Balancer } | undefined;
  settings?: Partial<Settings>;
  /** When the base image was made. */
  baseImageCreated?: Date | undefined;
  motoCommand?: string | undefined;
  port?: number | undefined;
  /** Called with moto's pid as soon as its process is there. */
  onMoto?: ((pid: number) => Promise<void>) | undefined;
  /** Called after a reset, with the new network. */
  onReset?: ((network: Network) => Promise<void>) | undefined;
  /** Called when moto ends by itself; nothing works any more. */
  onMotoEnd?: (() => void) | undefined;
  /** A line for the log. */
  log?: ((line: string) => void) | undefined;
}

export interface Endpoint {
  url: string;
  motoPid: number;
  network: Network;
  settings: Settings;
  instances: Instances;
  /** Ends the API and moto; machines and balancer are the caller's to close. */
  close(): Promise<void>;
}

/** Starts the sandbox's AWS: moto, and before it everything that moto lacks. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { folder, region, vpcCidr, subnetCidrs, real, log = () => {} } = options;
  const settings = { ...(real ? settingsWithMachines : settingsWithoutMachines), ...options.settings };
  const { baseImageCreated = new Date(baseImage.creationDate) } = options;
  const amisPath = join(folder, "base-images.json");
  await writeBaseImages(amisPath);
  const moto = await startMoto({
    command: options.motoCommand,
    folder,
    amisPath,
    log: (line) => log(`moto: ${line}`),
    onStart: options.onMoto,
    onEnd: options.onMotoEnd,
  });
  const { ec2, loadBalancing: client } = createMotoClients(moto, region);
  const motoRead = createMotoRead(moto, region);
  const network = await createNetwork(ec2, { vpcCidr, subnetCidrs, region });
  const onError = (error: unknown) => log(error instanceof Error ? (error.stack ?? error.message) : String(error));

  const memory = createMemoryMachines();
  const machines = real?.machines ?? memory;
  const balancer = real?.balancer ?? createMemoryBalancer();
  const faults = createFaults({
    region,
    account: options.account,
    zones: () => new Map(network.subnetIds.map((id, index) => [id, `${region}${"ab"[index]}`])),
  });
  const instances = createInstances();
  const images = createImages();
  const deletedVersions = createDeletedVersions();
  const memoryHealth = createMemoryHealth(instances, settings);
  const groups = createGroups();
  const { later, clear: clearTimers } = createLater(onError);

  const power = createPower({ ec2, machines, instances, later });
  const loadBalancing: LoadBalancing = createLoadBalancing({
    ec2,
    client,
    motoRead,
    balancer,
    instances,
    probe: real ? probeHttp : memoryHealth.probe,
    settings,
    loopbackBlock: options.loopbackBlock,
    later,
    onTargetChange: (id) => loop.kickInstance(id),
    onError,
  });
  const { targetGroups, registration } = loadBalancing;
  const checkLaunch = createLaunchChecks({ ec2, motoRead, images });
  const shared = {
    ec2,
    motoRead,
    machines,
    instances,
    images,
    power,
    checkLaunch,
    isDeletedVersion: deletedVersions.has,
  };
  const groupParts = { ...shared, settings, faults, groups, targetGroups, registration, onError };
  const loop = startLoop(groupParts);
  instances.onChange(({ id }) => loop.kickInstance(id));

  const callLog = createCallLog();
  const things = createThings({
    ec2,
    loadBalancing: client,
    motoRead,
    groups,
    region,
    account: options.account,
    isDeletedVersion: deletedVersions.has,
  });
  const permissions = createPermissions(things, options.account);
  const tokens = clientTokens();
  const priceList = createPriceList();
  const handlers = [
    tokens,
    ...ec2Handlers({ ...shared, deletedVersions, interfaces: loadBalancing.interfaces, baseImageCreated, later }),
    ...loadBalancing.handlers,
    ...autoScalingHandlers({ ...groupParts, loop, region, account: options.account }),
    ...serviceQuotas({ settings, region, account: options.account }),
    ...ssmHandlers(shared),
    priceList.handler,
  ];
  const dispatch = createDispatch({
    handlersOf: indexHandlers(handlers),
    forward: moto.forward,
    settings,
    faults,
    permissions,
    log: callLog,
    region,
    onBug: (error, call) => {
      log(`${call.service} ${call.action} failed:`);
      onError(error);
    },
  });

  async function reset(): Promise<Network> {
    faults.clear();
    permissions.clear();
    await settle(groups.all());
    groups.clear();
    clearTimers();
    instances.clear();
    images.clear();
    tokens.clear();
    deletedVersions.clear();
    memoryHealth.clear();
    await loadBalancing.clear();
    await moto.reset();
    callLog.clear();
    Object.assign(network, await createNetwork(ec2, { vpcCidr, subnetCidrs, region }));
    await options.onReset?.(network);
    return network;
  }

  const control = createControl({
    settings,
    faults,
    permissions,
    log: callLog,
    instances,
    machines,
    priceList,
    ...(real
      ? {}
      : {
          reset,
          end: memory.end,
          tell: (id, answer) => {
            memoryHealth.tell(id, answer);
            loadBalancing.checkNow(id);
          },
        }),
  });
  const server = await startServer({ dispatch, control, port: options.port });
  return {
    url: server.url,
    motoPid: moto.pid,
    network,
    settings,
    instances,
    async close() {
      faults.clear();
      clearTimers();
      loop.close();
      loadBalancing.close();
      await server.close();
      if (!real) await balancer.close();
      ec2.destroy();
      client.destroy();
      await moto.stop();
    },
  };
}
