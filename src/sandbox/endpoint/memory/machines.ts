import type { Machines } from "../../machines.ts";

export interface MemoryMachines extends Machines {
  /** Lets a machine end by itself, as a crash or its own poweroff would. */
  end(id: string): void;
}

/** Machines that only remember what they were told: they run at once. */
export function createMemoryMachines(): MemoryMachines {
  const consoles = new Map<string, string[]>();
  const running = new Set<string>();
  const listeners: ((id: string) => void)[] = [];
  const boot = (id: string) => {
    running.add(id);
    consoles.get(id)?.push(`${id} boots`);
  };
  return {
    async launch({ id, imageId, hostname }) {
      consoles.set(id, [`${hostname} from ${imageId}`]);
      boot(id);
    },
    async start(id) {
      boot(id);
    },
    async stop(id) {
      running.delete(id);
    },
    async terminate(id) {
      running.delete(id);
    },
    async createImage() {},
    async deleteImage() {},
    console: async (id) => (consoles.get(id) ?? []).map((line) => `${line}\n`).join(""),
    pid: () => undefined,
    onExit: (listener) => void listeners.push(listener),
    async close() {
      running.clear();
    },
    end(id) {
      if (running.delete(id)) for (const listener of listeners) listener(id);
    },
  };
}
