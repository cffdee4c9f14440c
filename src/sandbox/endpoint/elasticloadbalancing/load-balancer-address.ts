import { connect, createServer } from "node:net";
import { blockOf, toAddress } from "../addresses.ts";
import { AwsError } from "../aws-error.ts";

/** The first loopback address of the block that no load balancer has and whose port 80 nobody uses. */
export async function freeAddress(block: string, taken: readonly string[]): Promise<string> {
  const { first, size } = blockOf(block);
  for (let offset = 1; offset < size - 1; offset += 1) {
    const address = toAddress(first + offset);
    if (!taken.includes(address) && (await isFree(address))) return address;
  }
  throw new AwsError("TooManyLoadBalancers", "You've reached the limit on the number of load balancers");
}

/** Whether load balancers could listen on the first address of a block. */
export function canListen(block: string): Promise<boolean> {
  return isFree(toAddress(blockOf(block).first + 1));
}

async function isFree(address: string): Promise<boolean> {
  const server = createServer();
  const outcome = await new Promise<string>((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    server.listen(80, address, () => resolve("free"));
  });
  if (outcome === "free") await new Promise((resolve) => server.close(resolve));
  return outcome === "EACCES" ? !(await isAnswering(address)) : outcome === "free";
}

/** For a process that may not listen on port 80. */
function isAnswering(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(80, address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
