type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** What the endpoint itself remembers of an EC2 instance; the rest is moto's. */
export interface Instance {
  id: string;
  imageId: string;
  instanceType: string;
  subnetId: string;
  availabilityZone: string;
  address: string;
  state: InstanceState;
  launched: number;
  /** What its own poweroff means. */
  shutdownBehavior: "stop" | "terminate";
  interfaceIds: readonly string[];
  /** Why it ended at its launch. */
  stateReason?: { code: string; message: string } | undefined;
}

export interface Instances {
  add(instance: Instance): void;
  get(id: string): Instance | undefined;
  all(): Instance[];
  setState(id: string, state: InstanceState): void;
  /** Calls back after each change of a state. */
  onChange(listener: (instance: Instance) => void): void;
  clear(): void;
}

export function createInstances(): Instances {
  const instances = new Map<string, Instance>();
  const listeners: ((instance: Instance) => void)[] = [];
  const tell = (instance: Instance) => {
    for (const listener of listeners) listener(instance);
  };
  return {
    add(instance) {
      instances.set(instance.id, instance);
      tell(instance);
    },
    get: (id) => instances.get(id),
    all: () => [...instances.values()],
    setState(id, state) {
      const instance = instances.get(id);
      if (!instance || instance.state === state || instance.state === "terminated") return;
      instance.state = state;
      tell(instance);
    },
    onChange: (listener) => void listeners.push(listener),
    clear: () => instances.clear(),
  };
}
