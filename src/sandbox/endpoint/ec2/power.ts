import {
  DeleteNetworkInterfaceCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  type EC2Client,
  type Instance as LiveInstance,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Machines } from "../../machines.ts";
import { AwsError } from "../aws-error.ts";
import type { Fate } from "../faults/fate.ts";
import type { Later } from "../later.ts";
import type { Instance, Instances } from "./instances.ts";

/** How an instance is launched, beyond what moto shows of it. */
interface LaunchDetails {
  userData?: string | undefined;
  shutdownBehavior?: string | undefined;
  /** Called as soon as the instance is there, before its machine runs. */
  created?: ((instance: Instance) => void) | undefined;
  /** Leaves the instances pending until they become what this says. */
  fate?: Fate | undefined;
}

interface Launched {
  instances: Instance[];
  /** Resolves when none of them is pending any more. */
  settled: Promise<void>;
}

/** Keeps machines and instances the same: what moto has done, the machines do. */
export interface Power {
  /** Boots machines for instances that moto has just made; on failure they are terminated and the launch fails. */
  launch(ids: readonly string[], details: LaunchDetails): Promise<Launched>;
  start(ids: readonly string[]): Promise<void>;
  stop(ids: readonly string[]): Promise<void>;
  reboot(ids: readonly string[]): Promise<void>;
  /** Takes down the machines of instances that moto has terminated. */
  terminate(ids: readonly string[]): Promise<void>;
}

export function createPower({
  ec2,
  machines,
  instances,
  later,
}: {
  ec2: EC2Client;
  machines: Machines;
  instances: Instances;
  later: Later;
}): Power {
  machines.onExit((id) => void ended(id));

  async function ended(id: string): Promise<void> {
    const instance = instances.get(id);
    if (instance?.state !== "running") return;
    if (instance.shutdownBehavior === "terminate") {
      instances.setState(id, "shutting-down");
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      await terminate([id]);
    } else {
      instances.setState(id, "stopping");
      await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      instances.setState(id, "stopped");
    }
  }

  async function boot(instance: Instance, publicKeys: string[], userData: string | undefined): Promise<void> {
    await machines.launch({
      id: instance.id,
      imageId: instance.imageId,
      address: instance.address,
      hostname: `ip-${instance.address.replaceAll(".", "-")}`,
      publicKeys,
      userData,
    });
  }

  /** Ends what is still pending, or lets it run, when its time has come. */
  async function settle(launched: readonly Instance[], { failure }: Fate): Promise<void> {
    const pending = launched.filter(({ state }) => state === "pending");
    if (failure === undefined) for (const { id } of pending) instances.setState(id, "running");
    else {
      const ids = pending.map(({ id }) => id);
      for (const one of pending) one.stateReason = endedAtLaunch(failure);
      if (ids.length > 0) await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
      await terminate(ids);
    }
  }

  async function terminate(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map(async (id) => {
        instances.setState(id, "shutting-down");
        await machines.terminate(id);
        for (const NetworkInterfaceId of instances.get(id)?.interfaceIds ?? []) {
          await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })).catch(() => {});
        }
        instances.setState(id, "terminated");
      }),
    );
  }

  return {
    terminate,
    async launch(ids, { userData, shutdownBehavior, created, fate }) {
      const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [...ids] }));
      const live = Reservations.flatMap((reservation) => reservation.Instances ?? []);
      const launched = live.map((instance) => remembered(instance, shutdownBehavior));
      for (const instance of launched) {
        instances.add(instance);
        created?.(instance);
      }
      const publicKeys = await publicKeysOf(ec2, live[0]?.KeyName);
      try {
        await Promise.all(launched.map((instance) => boot(instance, publicKeys, userData)));
      } catch (cause) {
        await ec2.send(new TerminateInstancesCommand({ InstanceIds: [...ids] }));
        await terminate(ids);
        throw new AwsError("Server.InternalError", `Server.InternalError: ${(cause as Error).message}`);
      }
      const { seconds = 0 } = fate ?? {};
      const settled = fate
        ? new Promise<void>((resolve, reject) => later(seconds, () => settle(launched, fate).then(resolve, reject)))
        : settle(launched, { seconds, failure: undefined });
      return { instances: launched, settled };
    },
    async start(ids) {
      await Promise.all(ids.map((id) => machines.start(id)));
      for (const id of ids) instances.setState(id, "running");
    },
    async stop(ids) {
      for (const id of ids) instances.setState(id, "stopping");
      await Promise.all(ids.map((id) => machines.stop(id)));
      for (const id of ids) instances.setState(id, "stopped");
    },
    async reboot(ids) {
      await Promise.all(
        ids.map(async (id) => {
          await machines.stop(id);
          await machines.start(id);
        }),
      );
    },
  };
}

/** The reason as EC2 gives it (API reference, StateReason): a code of its own before the colon, or its usual one. */
function endedAtLaunch(failure: string): { code: string; message: string } {
  const message = failure || "Server.InternalError: Internal error on launch";
  const code = /^((?:Server|Client)\.[\w.]+):/.exec(message)?.[1];
  return { code: code ?? "Server.InternalError", message: code ? message : `Server.InternalError: ${message}` };
}

function remembered(live: LiveInstance, shutdownBehavior: string | undefined): Instance {
  return {
    id: live.InstanceId ?? "",
    imageId: live.ImageId ?? "",
    instanceType: live.InstanceType ?? "",
    subnetId: live.SubnetId ?? "",
    availabilityZone: live.Placement?.AvailabilityZone ?? "",
    address: live.PrivateIpAddress ?? "",
    state: "pending",
    launched: Date.now(),
    shutdownBehavior: shutdownBehavior === "terminate" ? "terminate" : "stop",
    interfaceIds: (live.NetworkInterfaces ?? []).flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []),
  };
}

async function publicKeysOf(ec2: EC2Client, keyName: string | undefined): Promise<string[]> {
  if (!keyName) return [];
  const { KeyPairs = [] } = await ec2.send(
    new DescribeKeyPairsCommand({ KeyNames: [keyName], IncludePublicKey: true }),
  );
  return KeyPairs.flatMap(({ PublicKey }) => PublicKey ?? []);
}
