import { setTimeout as sleep } from "node:timers/promises";
import type { Group } from "./group.ts";

/** Lets launches and terminations under way come to their end, so that none reaches into the time after. */
export async function settle(groups: Group[]): Promise<void> {
  for (const group of groups) {
    group.deleting = true;
    group.desiredCapacity = 0;
  }
  const limit = Date.now() + 10_000;
  while (groups.some(({ members, launching }) => members.size + launching.length > 0) && Date.now() < limit) {
    await sleep(20);
  }
}
