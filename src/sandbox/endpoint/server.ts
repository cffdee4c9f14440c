import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Answer } from "./answer.ts";
import { readCall } from "./call.ts";
import { refusal } from "./guard.ts";

interface ServerParts {
  /** A rejection resets the caller's connection. */
  dispatch: (call: ReturnType<typeof readCall>) => Promise<Answer>;
  /** Answers the paths below `/_multivac/`. */
  control: (method: string, path: string, body: string) => Promise<Answer>;
  port?: number | undefined;
}

export interface Server {
  url: string;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 alone. */
export async function startServer({ dispatch, control, port = 0 }: ServerParts): Promise<Server> {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.resetAndDestroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: own } = server.address() as AddressInfo;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", url: path = "/", headers } = request;
    const why = refusal(headers, own);
    if (why) {
      response.writeHead(403, { "content-type": "text/plain" }).end(`${why}\n`);
      return;
    }
    const body = await buffer(request);
    const answer = path.startsWith("/_multivac/")
      ? await control(method, path, body.toString("utf8"))
      : await dispatch(readCall({ method, path, headers, body }));
    response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
    response.end(answer.body);
  }

  return {
    url: `http://127.0.0.1:${own}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
