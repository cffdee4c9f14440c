import type { Call } from "../call.ts";
import { ConnectionDropped } from "./dropped.ts";
import type { When } from "./fault.ts";

/** A call that waits for ever: a test ends its caller there. */
interface HeldCall {
  service: string;
  action: string;
  /** Whether it had taken effect. */
  when: When;
  since: string;
  requestId: string;
}

export interface Held {
  /** Never answers; rejects with `ConnectionDropped` when all held calls are let go. */
  hold(call: Call, when: When): Promise<never>;
  shown(): HeldCall[];
  /** Drops every held call's connection. One held before its effect takes none. */
  letGo(): void;
}

export function createHeld(): Held {
  const held = new Map<HeldCall, () => void>();
  return {
    hold: ({ service, action, requestId }, when) =>
      new Promise<never>((_, reject) => {
        const call = { service, action, when, since: new Date().toISOString(), requestId };
        held.set(call, () => reject(new ConnectionDropped()));
      }),
    shown: () => [...held.keys()],
    letGo() {
      for (const drop of held.values()) drop();
      held.clear();
    },
  };
}
