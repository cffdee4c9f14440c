import type { BalancerTarget } from "../machines.ts";

/** A place for a target that a haproxy is born with, so that targets come and go without a new process. */
export interface Slot {
  /** The last target here; it stays after its removal, since its last requests may still run. */
  target?: BalancerTarget | undefined;
  gets: "new requests" | "nothing new" | "nothing";
}

/** The slots of each target group by its name. */
export type TargetGroups = ReadonlyMap<string, readonly Slot[]>;

const usualCount = 64;

export const slotName = (n: number) => `slot${n + 1}`;

export function emptySlots(targets: readonly BalancerTarget[]): Slot[] {
  return Array.from({ length: Math.max(usualCount, targets.length * 2) }, () => ({ gets: "nothing" }));
}

/** The slots once they hold exactly these targets; undefined when they are too few. */
export function planSlots(slots: readonly Slot[], targets: readonly BalancerTarget[]): Slot[] | undefined {
  const waiting = new Map(targets.map((target) => [placeOf(target), target]));
  const fill = (target: BalancerTarget): Slot => ({ target, gets: target.draining ? "nothing new" : "new requests" });
  const planned = slots.map((slot): Slot => {
    const place = slot.target && placeOf(slot.target);
    const target = place === undefined ? undefined : waiting.get(place);
    if (!target || place === undefined) return { ...slot, gets: "nothing" };
    waiting.delete(place);
    return fill(target);
  });
  for (const target of waiting.values()) {
    // One never used before if there is one: the last target of another may still be at work.
    const free = planned.find((slot) => !slot.target) ?? planned.find((slot) => slot.gets === "nothing");
    if (!free) return undefined;
    Object.assign(free, fill(target));
  }
  return planned;
}

const placeOf = ({ id, address, port }: BalancerTarget) => `${id} ${address}:${port}`;

/** The commands of haproxy's runtime interface that bring a group's slots from one state to the other. */
export function slotCommands(group: string, before: readonly Slot[], after: readonly Slot[]): string[] {
  return after.flatMap(({ target, gets }, n) => {
    const old = before[n];
    const server = `${group}/${slotName(n)}`;
    const moved = target && (target.address !== old?.target?.address || target.port !== old.target.port);
    const address = moved ? [`set server ${server} addr ${target.address} port ${target.port}`] : [];
    if (gets === old?.gets) return address;
    if (gets === "nothing") return [...address, `set server ${server} state maint`];
    return [...address, `set server ${server} weight ${weightOf(gets)}`, `set server ${server} state ready`];
  });
}

/** A weight of zero ends new requests to a target and lets those under way finish. */
export function weightOf(gets: Slot["gets"]): number {
  return gets === "new requests" ? 100 : 0;
}
