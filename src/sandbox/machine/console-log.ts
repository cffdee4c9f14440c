import { type FileHandle, open, readFile, rename, stat } from "node:fs/promises";
import { PassThrough, type Readable } from "node:stream";

/** What EC2 keeps of an instance's console. */
const shown = 64 * 1024;
/** The file is put aside when it reaches this size, so that a chatty machine takes at most twice as much. */
const fileLimit = 1024 * 1024;

/** Appends what the machine writes to its console to the file, until the stream ends. */
export async function captureConsole(stream: Readable, file: string): Promise<void> {
  // Read from at once: what ends before the file is open would be lost.
  const written = stream.pipe(new PassThrough());
  let handle: FileHandle = await open(file, "a", 0o600);
  let size = (await stat(file)).size;
  try {
    for await (const chunk of written as AsyncIterable<Buffer>) {
      if (size > fileLimit) {
        await handle.close();
        await rename(file, `${file}.1`);
        handle = await open(file, "a", 0o600);
        size = 0;
      }
      await handle.write(chunk);
      size += chunk.length;
    }
  } finally {
    await handle.close();
  }
}

/** The last 64 KiB of the console. */
export async function readConsole(file: string): Promise<string> {
  const parts = await Promise.all([`${file}.1`, file].map((path) => readFile(path).catch(() => Buffer.alloc(0))));
  return Buffer.concat(parts).subarray(-shown).toString("utf8");
}
