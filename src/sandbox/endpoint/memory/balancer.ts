import { createServer, type Server } from "node:http";
import type { Balancer, BalancerListener } from "../../machines.ts";

/**
 * Load balancers without machines behind: where this process may listen, each answers 200 in the name of its targets,
 * in turn, and 503 while it has none. Where it may not (port 80 without root), there is no data path.
 */
export function createMemoryBalancer(): Balancer {
  const servers = new Map<string, { server: Server; listener: BalancerListener; turn: number }>();
  const keyOf = ({ address, port }: BalancerListener) => `${address}:${port}`;

  async function open(listener: BalancerListener): Promise<void> {
    const server = createServer((_, response) => {
      const own = servers.get(keyOf(listener));
      const targets = own?.listener.targets.filter(({ draining }) => !draining) ?? [];
      const target = own ? targets[own.turn++ % targets.length] : undefined;
      response.writeHead(target ? 200 : 503, { "content-type": "text/plain" }).end(`${target?.id ?? "no target"}\n`);
    });
    server.unref();
    const listening = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(listener.port, listener.address, () => resolve(true));
    });
    if (listening) servers.set(keyOf(listener), { server, listener, turn: 0 });
  }

  async function close(key: string, server: Server): Promise<void> {
    servers.delete(key);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async function apply(listeners: readonly BalancerListener[]): Promise<void> {
    const wanted = new Map(listeners.map((listener) => [keyOf(listener), listener]));
    for (const [key, { server }] of servers) if (!wanted.has(key)) await close(key, server);
    for (const [key, listener] of wanted) {
      const present = servers.get(key);
      if (present) present.listener = listener;
      else await open(listener);
    }
  }

  return {
    apply,
    requestsUnderWay: async () => 0,
    close: () => apply([]),
  };
}
