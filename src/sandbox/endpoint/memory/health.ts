import { setTimeout as sleep } from "node:timers/promises";
import type { Instances } from "../ec2/instances.ts";
import type { Probe } from "../elasticloadbalancing/probe.ts";
import type { HealthAnswer, Settings } from "../settings.ts";

/** How instances without machines answer health checks. */
export interface MemoryHealth {
  probe: Probe;
  /** Fixes an instance's answer; undefined gives it back its own. */
  tell(instanceId: string, answer: HealthAnswer | undefined): void;
  clear(): void;
}

/** An instance answers when it has booted for as long as the settings say, and then as they said at its launch. */
export function createMemoryHealth(instances: Instances, settings: Settings): MemoryHealth {
  const told = new Map<string, HealthAnswer>();
  const own = new Map<string, HealthAnswer>();
  instances.onChange(({ id, state }) => {
    if (state === "pending") own.set(id, settings.answer);
    if (state === "terminated") own.delete(id);
  });
  return {
    async probe({ id }) {
      const instance = instances.get(id);
      if (!instance) return "refused";
      // Until somebody tells otherwise, or sets another time.
      const left = () => (told.has(id) ? 0 : instance.launched + settings.healthySeconds * 1000 - Date.now());
      while (left() > 0 && instance.state !== "terminated") await sleep(Math.min(left(), 100));
      return instance.state === "running" ? (told.get(id) ?? own.get(id) ?? 200) : "refused";
    },
    tell(id, answer) {
      if (answer === undefined) told.delete(id);
      else told.set(id, answer);
    },
    clear() {
      told.clear();
      own.clear();
    },
  };
}
