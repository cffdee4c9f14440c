import { writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { Failure } from "../../failure.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";

export interface Moto {
  url: string;
  pid: number;
  /** One connection at a time: moto's state is not made for threads. */
  agent: Agent;
  forward(call: Call): Promise<Answer>;
  /** Forgets everything but the base images. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

interface MotoOptions {
  /** The `moto_server` program. */
  command?: string | undefined;
  /** Where the endpoint may write the few files it needs. */
  folder: string;
  /** The file of base images. */
  amisPath: string;
  onStart?: ((pid: number) => Promise<void>) | undefined;
  onEnd?: (() => void) | undefined;
  /** Where moto's own output goes. */
  log?: (line: string) => void;
  /** How long it may take to answer first. */
  timeoutSeconds?: number;
}

/**
 * Python runs this at its start. To log each request takes moto as long as most of them, and so does what it looks up for
 * each anew: its folder's modules, and the methods of a class. A web page must not steer it through a browser. A moto
 * that is made otherwise stays as it is.
 */
const quickMoto = `import logging
logging.getLogger("werkzeug").setLevel(logging.WARNING)
try:
    import functools
    from moto import backends
    from moto.core import responses, utils
    from moto.moto_server import werkzeug_app
    modules = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = functools.cache(utils.method_names_from_class)
    dispatch = werkzeug_app.DomainDispatcherApplication.__call__
    def guarded(self, environ, start_response):
        if "HTTP_ORIGIN" in environ or environ.get("HTTP_SEC_FETCH_SITE", "none") != "none":
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"Requests from a web page are refused.\\n"]
        return dispatch(self, environ, start_response)
    werkzeug_app.DomainDispatcherApplication.__call__ = guarded
except BaseException:
    pass
`;

/** Starts moto as a child process on a free port of 127.0.0.1 and waits until it answers. */
export async function startMoto({
  command = "moto_server",
  folder,
  amisPath,
  log,
  onStart,
  onEnd,
  timeoutSeconds = 60,
}: MotoOptions): Promise<Moto> {
  const port = await freePort();
  await writeFile(join(folder, "sitecustomize.py"), quickMoto);
  const child = execa(command, ["-H", "127.0.0.1", "-p", String(port)], {
    env: {
      PYTHONPATH: [folder, process.env.PYTHONPATH ?? ""].filter(Boolean).join(delimiter),
      MOTO_AMIS_PATH: amisPath,
      MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION: "true",
      MOTO_ENABLE_AMI_VALIDATION: "true",
      MOTO_DISABLE_GLOBAL_CORS: "true",
    },
    stdin: "ignore",
    buffer: false,
    reject: false,
    cleanup: true,
  });
  const lines: string[] = [];
  const collect = async () => {
    for await (const line of child.iterable({ from: "stderr" })) {
      lines.push(line);
      if (lines.length > 100) lines.shift();
      log?.(line);
    }
  };
  void collect().catch(() => {});

  const url = `http://127.0.0.1:${port}`;
  const agent = new Agent({ maxSockets: 1 });
  let ended = false;
  let serving = false;
  void child.then((result) => {
    ended = true;
    if (serving) onEnd?.();
    if (result.code === "ENOENT") lines.push(`${command}: not found`);
  });
  if (child.pid !== undefined) await onStart?.(child.pid);
  const limit = Date.now() + timeoutSeconds * 1000;
  while (!(await answers(url, agent))) {
    if (ended || child.pid === undefined || Date.now() > limit) {
      child.kill("SIGKILL");
      throw new Failure({
        code: "moto-not-started",
        message: `${command}, which plays AWS in the sandbox, did not start.`,
        reason: lines.slice(-5).join("\n") || undefined,
        fix: "See whether this machine has memory and time for it, then start again: multivac sandbox start\nWhere moto itself is broken, install it anew: pip install 'moto[ec2,autoscaling,elbv2,server]'",
      });
    }
    await sleep(25);
  }

  serving = true;
  return {
    url,
    pid: child.pid as number,
    agent,
    forward: (call) => send(`${url}${call.path}`, agent, call.method, headersFor(call), bodyFor(call)),
    async reset() {
      await send(`${url}/moto-api/reset`, agent, "POST", {}, Buffer.alloc(0));
    },
    async stop() {
      serving = false;
      child.kill("SIGKILL");
      await child;
      agent.destroy();
    },
  };
}

async function answers(url: string, agent: Agent): Promise<boolean> {
  return send(`${url}/moto-api/`, agent, "GET", {}, Buffer.alloc(0)).then(
    () => true,
    () => false,
  );
}

function bodyFor({ form, method, body }: Call): Buffer {
  return form && method !== "GET" ? Buffer.from(form.toString()) : body;
}

function headersFor(call: Call): Record<string, string | string[]> {
  const { host: _host, connection: _connection, "content-length": _length, expect: _expect, ...rest } = call.headers;
  const given = Object.entries(rest).filter((entry): entry is [string, string | string[]] => !!entry[1]);
  return { ...Object.fromEntries(given), ...(call.accessKey ? { authorization: scopeOf(call) } : {}) };
}

/** Moto asks the service that this names: the one that the call was judged by. */
function scopeOf({ accessKey, region, service }: Call): string {
  const scope = [accessKey, "20250101", region, service.replace(/-classic$/, ""), "aws4_request"].join("/");
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
}

function send(
  url: string,
  agent: Agent,
  method: string,
  headers: Record<string, string | string[]>,
  body: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { agent, method, headers: { ...headers, "content-length": body.length } },
      (response) => {
        buffer(response).then((received) => {
          const { connection: _connection, "content-length": _length, ...kept } = response.headers;
          const entries = Object.entries(kept).map(([name, value]) => [name, String(value)] as const);
          resolve({ status: response.statusCode ?? 500, headers: Object.fromEntries(entries), body: received });
        }, reject);
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}
