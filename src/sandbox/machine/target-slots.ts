import type { BalancerListener, BalancerTarget } from "../machines.ts";

/**
 * The places a haproxy is born with: backends that target groups come to and go from, each with slots for targets. So
 * only new listeners ask for a new process, and one change suits every process that still finishes requests.
 */
export interface Backend {
  /** The last target group here; it stays after its removal, since its last requests may still run. */
  group?: string | undefined;
  slots: readonly Slot[];
}

export interface Slot {
  /** The last target here, likewise. */
  target?: BalancerTarget | undefined;
  gets: "new requests" | "nothing new" | "nothing";
}

const backendCount = 16;
const slotCount = 64;

export const backendName = (n: number) => `backend${n + 1}`;
export const slotName = (n: number) => `slot${n + 1}`;

export function emptyBackends(): Backend[] {
  const slots = Array.from({ length: slotCount }, (): Slot => ({ gets: "nothing" }));
  return Array.from({ length: backendCount }, () => ({ slots }));
}

/** The backends once they hold exactly these listeners' targets. */
export function planBackends(backends: readonly Backend[], listeners: readonly BalancerListener[]): Backend[] {
  const groups = new Map(listeners.map(({ targetGroup, targets }) => [targetGroup, targets]));
  const isFree = (backend: Backend) => backend.slots.every((slot) => slot.gets === "nothing");
  const kept = backends.map((backend) => ({
    ...backend,
    slots: planSlots(backend.slots, groups.get(backend.group ?? "") ?? []),
  }));
  for (const [group, targets] of groups) {
    if (kept.some((backend) => backend.group === group)) continue;
    const backend = pickFree(
      kept,
      (one) => one.group === undefined,
      isFree,
      (one) => !groups.has(one.group ?? ""),
    );
    if (!backend) throw new Error(`more than ${backendCount} target groups at once`);
    backend.group = group;
    backend.slots = planSlots(backend.slots, targets);
  }
  return kept;
}

function planSlots(slots: readonly Slot[], targets: readonly BalancerTarget[]): Slot[] {
  const waiting = new Map(targets.map((target) => [placeOf(target), target]));
  const fill = (target: BalancerTarget): Slot => ({ target, gets: target.draining ? "nothing new" : "new requests" });
  const kept = slots.map((slot): Slot => {
    const place = slot.target && placeOf(slot.target);
    const target = place === undefined ? undefined : waiting.get(place);
    if (!target || place === undefined) return { ...slot, gets: "nothing" };
    waiting.delete(place);
    return fill(target);
  });
  for (const target of waiting.values()) {
    const slot = pickFree(
      kept,
      (one) => one.target === undefined,
      (one) => one.gets === "nothing",
    );
    if (!slot) throw new Error(`more than ${slotCount} targets in one group at once`);
    Object.assign(slot, fill(target));
  }
  return kept;
}

/** A place never used before if there is one: the last target of a used one may still be at work. */
function pickFree<T>(
  places: readonly T[],
  unused: (place: T) => boolean,
  ...free: ((place: T) => boolean)[]
): T | undefined {
  return places.find(unused) ?? places.find((place) => free.every((test) => test(place)));
}

const placeOf = ({ id, address, port }: BalancerTarget) => `${id} ${address}:${port}`;

/** The commands of haproxy's runtime interface that bring its slots from one state to the other. */
export function slotCommands(before: readonly Backend[], after: readonly Backend[]): string[] {
  return after.flatMap(({ slots }, at) =>
    slots.flatMap(({ target, gets }, n) => {
      const old = before[at]?.slots[n];
      const server = `${backendName(at)}/${slotName(n)}`;
      const moved = target && (target.address !== old?.target?.address || target.port !== old.target.port);
      const address = moved ? [`set server ${server} addr ${target.address} port ${target.port}`] : [];
      if (gets === old?.gets) return address;
      if (gets === "nothing") return [...address, `set server ${server} state maint`];
      return [...address, `set server ${server} weight ${weightOf(gets)}`, `set server ${server} state ready`];
    }),
  );
}

/** A weight of zero ends new requests to a target and lets those under way finish. */
export function weightOf(gets: Slot["gets"]): number {
  return gets === "new requests" ? 100 : 0;
}
