import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves once a port accepts connections, or at the latest after a limit in milliseconds, or when `ended` settles. */
export async function untilListening(
  address: string,
  port: number,
  limit: number,
  ended: Promise<unknown>,
): Promise<void> {
  const over = new AbortController();
  const stop = () => over.abort();
  ended.then(stop, stop);
  const timer = setTimeout(stop, limit);
  while (!over.signal.aborted && !(await accepts(address, port))) await sleep(25);
  clearTimeout(timer);
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 500 });
  socket.once("timeout", () => socket.destroy(new Error("no answer")));
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
