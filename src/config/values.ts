import { z } from "zod";
import { timeZoneName } from "./time-zones.ts";

/** The single values a config is made of. Each schema's error text says what was expected, ready for "expected …". */

/** A string that matches `pattern`. */
export function text(expected: string, pattern: RegExp, maxLength = Number.POSITIVE_INFINITY) {
  const schema = z.string({ error: expected }).regex(pattern, { error: expected });
  return Number.isFinite(maxLength) ? schema.max(maxLength, { error: expected }) : schema;
}

/** A whole number from `min` to `max`, both included. */
export function whole(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function flag() {
  return z.boolean({ error: "true or false" });
}

export function list<T extends z.ZodType>(item: T, expected: string) {
  return z.array(item, { error: expected });
}

/** An IPv4 network whose host bits are zero, as EC2 stores it. */
export function ipv4Network() {
  const error = "an IPv4 network in CIDR form, like 203.0.113.0/24 or 198.51.100.7/32";
  return z.string({ error }).superRefine((value, context) => {
    const canonical = canonicalNetwork(value);
    if (canonical === undefined) context.addIssue({ code: "custom", message: error });
    else if (canonical !== value) {
      context.addIssue({ code: "custom", message: `the network without host bits, ${canonical}` });
    }
  });
}

/** What may go out: protocol, port or ports, and an IPv4 network, as the plan shows rules. */
export function trafficRule() {
  const error = "protocol, port and IPv4 network, like tcp 443 0.0.0.0/0 or udp 8000-8010 198.51.100.0/24";
  return z.string({ error }).superRefine((value, context) => {
    const [, protocol, first, last = first, network = ""] =
      /^(tcp|udp) (\d{1,5})(?:-(\d{1,5}))? (\S+)$/.exec(value) ?? [];
    const [from, to] = [Number(first), Number(last)];
    const canonical = canonicalNetwork(network);
    if (canonical === undefined || !(from >= 1 && from <= to && to <= 65_535))
      return context.addIssue({ code: "custom", message: error });
    const rule = `${protocol} ${from === to ? from : `${from}-${to}`} ${canonical}`;
    if (rule !== value) context.addIssue({ code: "custom", message: `the rule as EC2 stores it, ${rule}` });
  });
}

function canonicalNetwork(value: string): string | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(value);
  if (!match) return undefined;
  const numbers = match.slice(1).map(Number);
  const bits = numbers.pop() ?? 0;
  if (bits > 32 || numbers.some((octet) => octet > 255)) return undefined;
  const address = numbers.reduce((sum, octet) => sum * 256 + octet, 0);
  const network = address - (address % 2 ** (32 - bits));
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256);
  return `${octets.join(".")}/${bits}`;
}

/** A name of the IANA time zone database, spelled as machines have it: there it is a file's name, of which case counts. */
export function timeZone() {
  const error = "a time zone of the IANA database, like UTC or Europe/Berlin";
  return z.string({ error }).superRefine((value, context) => {
    const spelled = timeZoneName(value);
    if (spelled === value) return;
    const message = spelled === undefined ? error : `the time zone as machines spell it, ${spelled}`;
    context.addIssue({ code: "custom", message });
  });
}

/** Success codes of a health check: `200`, `200,302` or `200-299`, each from 200 to 499. */
export function statusMatcher() {
  const error = "HTTP status codes from 200 to 499, like 200, 200,302 or 200-299";
  return z.string({ error }).refine(isStatusMatcher, { error });
}

function isStatusMatcher(value: string): boolean {
  return value.split(",").every((part) => {
    const match = /^(\d{3})(?:-(\d{3}))?$/.exec(part);
    if (!match) return false;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    return from >= 200 && to <= 499 && from <= to;
  });
}
