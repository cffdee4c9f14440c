import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readRecord } from "./record.ts";

/** A loopback block for a sandbox's load balancers: always the same for an id, and no other sandbox's. */
export async function loopbackBlock(id: string, allFolder: string): Promise<string> {
  const names = await readdir(allFolder).catch(() => []);
  const records = await Promise.all(
    names.filter((name) => name !== id).map((name) => readRecord(join(allFolder, name))),
  );
  const taken = new Set(records.map((record) => record?.loopbackBlock));
  for (let attempt = 0; ; attempt += 1) {
    const [first = 0, second = 0] = createHash("sha256").update(`${id} ${attempt}`).digest();
    const block = `127.${64 + (first % 64)}.${second}.0/24`;
    if (!taken.has(block)) return block;
  }
}
