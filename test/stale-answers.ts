import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

interface Stale {
  /** What a request's body holds that is answered with what was true before. */
  read: RegExp;
  /** What the body holds of the change that such answers do not show yet. */
  since: RegExp;
  /** How many reads do not show it. */
  times: number;
}

/** Starts an endpoint before another one, as eventually consistent as AWS: what `stale` names goes on being answered as before. */
export async function startStaleEndpoint(
  t: TestContext,
  target: string,
): Promise<{ url: string; stale(rule: Stale): void; told(): number }> {
  const before = new Map<string, { status: number; headers: Headers; body: Buffer }>();
  let rule: Stale | undefined;
  let left = 0;
  let told = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const text = body.toString();
    const isRead = rule?.read.test(text) ?? false;
    const known = before.get(text);
    if (isRead && left > 0 && known) {
      left -= 1;
      told += 1;
      send(response, known);
      return;
    }
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const sent = await fetch(`${target}${request.url}`, {
      method: request.method ?? "POST",
      headers: headers as Record<string, string>,
      ...(body.length > 0 ? { body } : {}),
    });
    const real = { status: sent.status, headers: sent.headers, body: Buffer.from(await sent.arrayBuffer()) };
    if (isRead) before.set(text, real);
    if (sent.ok && rule?.since.test(text)) left = rule.times;
    send(response, real);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stale: (one) => {
      rule = one;
      left = 0;
    },
    told: () => told,
  };
}

function send(response: ServerResponse, { status, headers, body }: { status: number; headers: Headers; body: Buffer }) {
  const type = headers.get("content-type");
  response.writeHead(status, type ? { "content-type": type } : {}).end(body);
}
