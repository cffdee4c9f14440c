import { type Answer, resultAnswer, resultOf } from "../answer.ts";
import type { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";
import { type Element, elements, text } from "../xml.ts";
import type { Agent } from "./rule.ts";
import { kindMadeBy, type Made, type ThingKind } from "./things.ts";

interface Duration {
  seconds?: number | undefined;
  /** Calls that would have met it. */
  calls?: number | undefined;
  /** The only tool to which it is unknown. */
  agent?: Agent | undefined;
}

export interface Lag {
  /** Keeps what a successful call has made from being known for a while. */
  begin(call: Call, answer: Answer, duration: Duration): void;
  /** What AWS answers to a call that names something not known yet; each such refusal counts as a call. */
  refusal(call: Call, agent: Agent | undefined): AwsError | undefined;
  /** The answer without what is not known yet, or undefined where it shows nothing of that. */
  hidden(call: Call, agent: Agent | undefined, answer: Answer): Answer | undefined;
  /** The ids of what is not known yet. */
  shown(): string[];
  clear(): void;
}

interface Unknown extends Made {
  kind: ThingKind;
  until: number;
  callsLeft: number;
  agent: Agent | undefined;
}

/** EC2 is eventually consistent, and so are the others: what was just made is not found everywhere at once. */
export function createLag(): Lag {
  let things: Unknown[] = [];
  const lagging = () => {
    things = things.filter(({ until, callsLeft }) => callsLeft > 0 && Date.now() < until);
    return things;
  };
  const unknownTo = (caller: Agent | undefined) => lagging().filter(({ agent }) => !agent || agent === caller);
  return {
    begin(call, answer, { seconds, calls, agent }) {
      const kind = kindMadeBy(call.action);
      if (!kind || !call.form || answer.status >= 300) return;
      const until = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
      for (const made of kind.made[call.action]?.(resultOf(call, answer), call.form) ?? []) {
        things.push({ ...made, kind, until, callsLeft: calls ?? Number.POSITIVE_INFINITY, agent });
      }
    },
    refusal(call, agent) {
      if (!call.form) return undefined;
      for (const thing of unknownTo(agent)) {
        const named = naming(call, call.form, thing);
        if (!named || !thing.kind.unknown) continue;
        thing.callsLeft -= 1;
        return thing.kind.unknown(named.what, call.service, named.byName);
      }
      return undefined;
    },
    hidden(call, agent, answer) {
      const there = unknownTo(agent).filter(({ kind }) => call.action in kind.lists);
      if (there.length === 0 || answer.status >= 300) return undefined;
      const result = resultOf(call, answer);
      let found = false;
      for (const thing of there) {
        const { list, field } = thing.kind.lists[call.action] as { list: string; field: string };
        if (!remove(result, list.split("."), (item) => text(item[field]) === thing.id)) continue;
        thing.callsLeft -= 1;
        found = true;
      }
      return found ? resultAnswer(call, result) : undefined;
    },
    shown: () => lagging().map(({ id }) => id),
    clear() {
      things = [];
    },
  };
}

/** Where a call names a thing outside of its filters. */
function naming(
  { action }: Call,
  form: URLSearchParams,
  { id, name, kind }: Unknown,
): { what: string; byName: boolean } | undefined {
  for (const [parameter, value] of form) {
    if (/^Filters?\./.test(parameter)) continue;
    if (value === id) return { what: value, byName: false };
    if (value === name && kind.byName?.test(`${action} ${parameter}`)) return { what: value, byName: true };
  }
  return undefined;
}

/** Takes items out of a list, or out of the lists in its items; those go too when nothing is left in them. */
function remove(within: Element, [list = "", ...deeper]: string[], isIt: (item: Element) => boolean): boolean {
  const items = elements(within[list]);
  if (items.length === 0) return false;
  if (deeper.length === 0) {
    within[list] = items.filter((item) => !isIt(item));
    return items.some(isIt);
  }
  const changed = items.filter((item) => remove(item, deeper, isIt));
  within[list] = items.filter((item) => !changed.includes(item) || elements(item[deeper[0] ?? ""]).length > 0);
  return changed.length > 0;
}
