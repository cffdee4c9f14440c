import { fateOf, type Holder } from "./holder.ts";

/** In milliseconds: how old the heartbeat of a living holder may be, whose clock may differ from this one. */
const oldest = 180_000;

/**
 * Whether the holder of a lock seems to be bringing the stack up, by one look and for a person's eyes: it lives by its
 * process where that can be told, else by its heartbeat's age, which compares two clocks.
 */
export async function seemsToDeploy(
  holder: Pick<Holder, "command" | "process"> & { heartbeat: string },
): Promise<boolean> {
  if (holder.command === "destroy") return false;
  const fate = await fateOf(holder);
  return fate === "unknown" ? Date.now() - Date.parse(holder.heartbeat) < oldest : fate === "runs";
}
