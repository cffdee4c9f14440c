import { AwsError } from "./aws-error.ts";
import type { Call } from "./call.ts";

/** Without a prototype: its names are the caller's, who may be anybody on this machine. */
type Nested = { [name: string]: Nested | string };
const nested = (): Nested => Object.create(null);

/** The parameters of a Query protocol call, read by AWS's own names. Lists are `Name.member.N` or EC2's `Name.N`. */
export interface Parameters {
  text(name: string): string;
  optional(name: string): string | undefined;
  number(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  list(name: string): string[];
  groups(name: string): Parameters[];
  group(name: string): Parameters | undefined;
}

export function parametersOf(call: Pick<Call, "form" | "service">): Parameters {
  const root = nested();
  for (const [path, value] of call.form ?? []) place(root, path.split("."), value);
  return view(root, call.service);
}

function place(at: Nested, path: string[], value: string): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    at[first] = value;
    return;
  }
  const below = at[first];
  const next = typeof below === "object" ? below : nested();
  at[first] = next;
  place(next, rest, value);
}

function view(at: Nested, service: string): Parameters {
  const scalar = (name: string) => {
    const value = at[name];
    return typeof value === "string" ? value : undefined;
  };
  const members = (name: string) => {
    const value = at[name];
    if (typeof value !== "object") return [];
    const list = typeof value.member === "object" ? value.member : value;
    return Object.keys(list)
      .filter((key) => /^\d+$/.test(key))
      .sort((a, b) => Number(a) - Number(b))
      .map((key) => list[key]);
  };
  return {
    text: (name) => scalar(name) ?? missing(name, service),
    optional: scalar,
    number: (name) => numberOf(scalar(name), name),
    flag: (name) => flagOf(scalar(name)),
    list: (name) => members(name).filter((value) => typeof value === "string"),
    groups: (name) =>
      members(name)
        .filter((value) => typeof value === "object")
        .map((value) => view(value, service)),
    group: (name) => {
      const value = at[name];
      return typeof value === "object" ? view(value, service) : undefined;
    },
  };
}

function missing(name: string, service: string): never {
  if (service === "ec2") throw new AwsError("MissingParameter", `The request must contain the parameter ${name}`);
  const member = name[0]?.toLowerCase() + name.slice(1);
  throw new AwsError(
    "ValidationError",
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

function numberOf(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) throw new AwsError("ValidationError", `Value '${value}' at '${name}' is not an integer`);
  return Number(value);
}

function flagOf(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value.toLowerCase() === "true";
}
