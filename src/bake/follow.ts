import { open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";

/** Gives a file's lines while a program writes them, until `ended` is aborted and all is read. */
export async function* followLines(file: string, ended: AbortSignal): AsyncGenerator<string> {
  const handle = await open(file, "r");
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(64 * 1024);
  let rest = "";
  try {
    for (;;) {
      const last = ended.aborted;
      const { bytesRead } = await handle.read(buffer);
      if (bytesRead === 0 && last) break;
      if (bytesRead === 0) await sleep(50);
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest) yield rest;
  } finally {
    await handle.close();
  }
}
