import { createReadStream } from "node:fs";

const mostMiB = 16;

/** What is in a file that somebody names, who may have named a device without an end: rejects beyond 16 MiB, which nothing here is. */
export async function readAtMost(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of createReadStream(file)) {
    size += (chunk as Buffer).length;
    if (size > mostMiB * 2 ** 20) throw new Error(`It holds more than ${mostMiB} MiB.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
