import type { BalancerListener } from "../machines.ts";
import { type Backend, backendName, slotName, weightOf } from "./target-slots.ts";

export interface HaproxyConfig {
  /** Where the runtime interface listens. */
  socket: string;
  /** Says which listener leads to which backend, one a line. */
  mapFile: string;
  listeners: readonly BalancerListener[];
  backends: readonly Backend[];
}

/** The frontend's name, and the listener's key in the map. */
export const listenerName = ({ address, port }: Pick<BalancerListener, "address" | "port">) =>
  `listener-${address}-${port}`;

/** Has no targets: what a listener leads to that is not there any more. */
export const emptyBackend = "empty";

/** Which backend each of the listeners leads to. */
export function listenerMap(listeners: readonly BalancerListener[], backends: readonly Backend[]): Map<string, string> {
  return new Map(
    listeners.map((listener) => {
      const at = backends.findIndex(({ group }) => group === listener.targetGroup);
      return [listenerName(listener), backendName(at)];
    }),
  );
}

/** What a load balancer of AWS does, in haproxy's words. */
export function haproxyConfig(config: HaproxyConfig): string {
  const frontends = config.listeners.map((listener) => frontend(listener, config.mapFile));
  return [preamble(config.socket), ...frontends, `backend ${emptyBackend}\n`, ...config.backends.map(backend)].join(
    "\n",
  );
}

function preamble(socket: string): string {
  return `global
  stats socket ${socket} mode 600 level admin expose-fd listeners
  user haproxy
  group haproxy
  hard-stop-after 600s

defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  timeout http-request 60s
  timeout http-keep-alive 60s
  # No connection to a target waits for a next request, so none is there to be reused when the target leaves.
  option http-server-close
  option redispatch 1
  retries 2
  retry-on conn-failure
  http-error status 503 content-type text/html string "<html><body><h1>No target answered</h1></body></html>"
`;
}

function frontend(listener: BalancerListener, mapFile: string): string {
  const { address, port } = listener;
  if (!/^127(\.\d+){3}$/.test(address)) throw new Error(`${address} is no loopback address`);
  return `frontend ${listenerName(listener)}
  bind ${address}:${port}
  # When this process is replaced, a waiting client connection ends with an answer and not before one.
  option idle-close-on-response
  http-request set-header X-Forwarded-For "%[req.fhdr(X-Forwarded-For)], %[src]" if { req.fhdr(X-Forwarded-For) -m found }
  http-request set-header X-Forwarded-For %[src] unless { req.fhdr(X-Forwarded-For) -m found }
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port ${port}
  use_backend %[str(${listenerName(listener)}),map(${mapFile},${emptyBackend})]
`;
}

function backend({ slots }: Backend, at: number): string {
  const servers = slots.map(({ target, gets }, n) => {
    const { address = "0.0.0.0", port = 1 } = target ?? {};
    return `  server ${slotName(n)} ${address}:${port} weight ${weightOf(gets)}${gets === "nothing" ? " disabled" : ""}`;
  });
  return `backend ${backendName(at)}
  balance roundrobin
  # haproxy says 503 when it could not connect; AWS keeps that for a group without targets.
  http-response set-var(txn.answered) bool(true)
  http-after-response set-status 502 reason "Bad Gateway" if { status 503 } !{ var(txn.answered) -m bool } { nbsrv(${backendName(at)}) gt 0 }
${servers.join("\n")}
`;
}
