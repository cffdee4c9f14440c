import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

interface Stale {
  /** What a request's body holds that is answered with what was true before. */
  read: RegExp;
  /** What the body holds of the change, the first of its kind, that such answers do not show yet. */
  since: RegExp;
  /** How many reads do not show it. */
  times: number;
}

export interface OddEndpoint {
  url: string;
  /** As eventually consistent as AWS: what it names goes on being answered as before. */
  stale(rule: Stale): void;
  /** How many stale answers were given. */
  told(): number;
  /** Answers to an action say something else in place of something. */
  instead(action: string, from: string, to: string): void;
}

/** Starts an endpoint before another one, which answers in ways of AWS that the sandbox has not. */
export async function startOddEndpoint(t: TestContext, target: string): Promise<OddEndpoint> {
  const before = new Map<string, { status: number; headers: Headers; body: Buffer }>();
  let rule: Stale | undefined;
  const words: { action: string; from: string; to: string }[] = [];
  let changed = false;
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
    let said = await sent.text();
    for (const { action, from, to } of words) if (text.includes(`Action=${action}&`)) said = said.replaceAll(from, to);
    const real = { status: sent.status, headers: sent.headers, body: Buffer.from(said) };
    if (isRead) before.set(text, real);
    if (sent.ok && !changed && rule?.since.test(text)) {
      changed = true;
      left = rule.times;
    }
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
      changed = false;
      left = 0;
    },
    told: () => told,
    instead: (action, from, to) => void words.push({ action, from, to }),
  };
}

function send(response: ServerResponse, { status, headers, body }: { status: number; headers: Headers; body: Buffer }) {
  const type = headers.get("content-type");
  response.writeHead(status, type ? { "content-type": type } : {}).end(body);
}
