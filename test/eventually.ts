import { setTimeout as sleep } from "node:timers/promises";

/** Waits until a look finds something, and gives that; a test that waits for what never comes fails by it, by name. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, seconds = 60): Promise<T> {
  const limit = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > limit) throw new Error(`not within ${seconds} s: ${look}`);
    await sleep(50);
  }
}
