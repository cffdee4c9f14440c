import type { Operator, Policy, PolicyStatement } from "./document.ts";

/** What IAM is asked: may this be done to this, with these values of condition keys? */
export interface Question {
  /** `ec2:RunInstances` */
  action: string;
  /** An ARN, or `*` where the action is about none. */
  resource: string;
  /** By condition key, like `aws:RequestTag/multivac:name`; a key that is not there has no value. */
  context: ReadonlyMap<string, readonly string[]>;
}

export interface Verdict {
  allowed: boolean;
  /** The statements that decided it; none where nothing allows it. */
  by: readonly PolicyStatement[];
}

/** IAM's answer: a Deny decides, else an Allow, else it is no (IAM user guide, "Policy evaluation logic"). */
export function evaluate(policies: readonly Policy[], question: Question): Verdict {
  const fitting = policies.flatMap(({ Statement }) => Statement.filter((statement) => fits(statement, question)));
  const denying = fitting.filter(({ Effect }) => Effect === "Deny");
  return denying.length > 0 ? { allowed: false, by: denying } : { allowed: fitting.length > 0, by: fitting };
}

function fits({ Action, Resource, Condition }: PolicyStatement, { action, resource, context }: Question): boolean {
  if (!Action.some((pattern) => like(pattern.toLowerCase(), action.toLowerCase()))) return false;
  if (!Resource.some((pattern) => like(pattern, resource))) return false;
  // Keys are the same in upper and lower case, values are not.
  const values = new Map([...context].map(([key, list]) => [key.toLowerCase(), list]));
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(operator as Operator, values.get(key.toLowerCase()) ?? [], wanted),
    ),
  );
}

/** Whether one of the values is one of those wanted; where there is no value, only `Null` can hold. */
function holds(operator: Operator, values: readonly string[], wanted: readonly string[]): boolean {
  if (operator === "Null") return wanted.includes(`${values.length === 0}`);
  return values.some((value) => wanted.some((each) => matches[operator](each, value)));
}

const matches: Record<Exclude<Operator, "Null">, (wanted: string, value: string) => boolean> = {
  StringEquals: (wanted, value) => wanted === value,
  StringLike: like,
  ArnLike: (wanted, value) => {
    const [patterns, parts] = [wanted, value].map((arn) => arn.split(":"));
    return (
      [0, 1, 2, 3, 4].every((at) => like(patterns?.[at] ?? "", parts?.[at] ?? "")) && like(last(patterns), last(parts))
    );
  },
};

/** An ARN's sixth part, which may hold colons. */
function last(parts: readonly string[] = []): string {
  return parts.slice(5).join(":");
}

/** IAM's patterns: `*` for any characters, `?` for one, `${*}`, `${?}`, `${$}` for these themselves. */
function like(pattern: string, text: string): boolean {
  const parts = pattern.split(/(\$\{[*?$]\}|[*?])/).map((part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return (/^\$\{(.)\}$/.exec(part)?.[1] ?? part).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s").test(text);
}
