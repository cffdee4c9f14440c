import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import type { Element } from "./xml.ts";

/**
 * One behaviour that moto lacks, for one action or several of a service. For each call the `around`s enclose the rest,
 * every `before` runs, then the first `instead` or else moto, then every `after`.
 */
export interface Handler {
  service: string;
  /** `*` stands for every action of the service. */
  action: string | readonly string[];
  around?(call: Call, next: () => Promise<Answer>): Promise<Answer>;
  /** May refuse by throwing an `AwsError`, or change the call's form. */
  before?(call: Call): Promise<void> | void;
  /** Answers in moto's place; undefined is a success without a result. */
  instead?(call: Call): Promise<Element | undefined> | Element | undefined;
  /** Sees moto's successful result and may change it; the caller is answered when this is done. */
  after?(call: Call, result: Element): Promise<void> | void;
}

/** The handlers of an action, in the order they were given. */
export type HandlersOf = (service: string, action: string) => readonly Handler[];

export function indexHandlers(handlers: readonly Handler[]): HandlersOf {
  const matches = (handler: Handler, service: string, action: string) =>
    handler.service === service && (handler.action === "*" || [handler.action].flat().includes(action));
  const known = new Map<string, readonly Handler[]>();
  return (service, action) => {
    const key = `${service}:${action}`;
    const found = known.get(key) ?? handlers.filter((handler) => matches(handler, service, action));
    known.set(key, found);
    return found;
  };
}
