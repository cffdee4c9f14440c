import { type Slot, slotName, type TargetGroups, weightOf } from "./target-slots.ts";

export interface Bind {
  address: string;
  port: number;
  targetGroup: string;
}

export interface HaproxyConfig {
  /** Where the runtime interface listens. */
  socket: string;
  /** What the sockets between the two halves are named after; the same for every process of one balancer. */
  balancer: string;
  binds: readonly Bind[];
  groups: TargetGroups;
}

/**
 * What a load balancer of AWS does, in haproxy's words. Every listener has two halves. The outer keeps clients'
 * connections and hands each request to the inner on a connection of its own; the inner chooses the target. With one
 * half alone haproxy answers a target's failure on a connection kept alive by closing it, where AWS says 502. And a
 * connection that outlives its process still gets the targets of the newest, which listens under the same name.
 */
export function haproxyConfig({ socket, balancer, binds, groups }: HaproxyConfig): string {
  const listeners = binds.map((bind) => listener(bind, balancer));
  return [preamble(socket), ...listeners, ...[...groups].map(([name, slots]) => targetGroup(name, slots))].join("\n");
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
  timeout client 65s
  timeout server 65s
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

function listener({ address, port, targetGroup }: Bind, balancer: string): string {
  if (!/^127(\.\d+){3}$/.test(address)) throw new Error(`${address} is no loopback address`);
  const name = `${address}-${port}`;
  // Without a file: haproxy gives up root, and with it the way into the state folder.
  const inner = `abns@${balancer}-${name}`;
  return `frontend outer-${name}
  bind ${address}:${port}
  # When this process is replaced, a waiting client connection ends with an answer and not before one.
  option idle-close-on-response
  http-request set-header X-Forwarded-For "%[req.fhdr(X-Forwarded-For)], %[src]" if { req.fhdr(X-Forwarded-For) -m found }
  http-request set-header X-Forwarded-For %[src] unless { req.fhdr(X-Forwarded-For) -m found }
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port ${port}
  default_backend outer-${name}

backend outer-${name}
  server inner ${inner}

frontend inner-${name}
  bind ${inner}
  default_backend ${groupName(targetGroup)}
`;
}

function targetGroup(name: string, slots: readonly Slot[]): string {
  const servers = slots.map(({ target, gets }, n) => {
    const { address = "0.0.0.0", port = 1 } = target ?? {};
    return `  server ${slotName(n)} ${address}:${port} weight ${weightOf(gets)}${gets === "nothing" ? " disabled" : ""}`;
  });
  return `backend ${groupName(name)}
  balance roundrobin
  timeout server 60s
  # haproxy says 503 when it could not connect; AWS keeps that for a group without targets.
  http-response set-var(txn.answered) bool(true)
  http-after-response set-status 502 reason "Bad Gateway" if { status 503 } !{ var(txn.answered) -m bool } { nbsrv(${groupName(name)}) gt 0 }
${servers.join("\n")}
`;
}

/** The backend of a target group, in words that no other section of the file has. */
export function groupName(targetGroup: string): string {
  if (!/^[\w-]+$/.test(targetGroup)) throw new Error(`${targetGroup} is no target group's name`);
  return `targets-${targetGroup}`;
}
