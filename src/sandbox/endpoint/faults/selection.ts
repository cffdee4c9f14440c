import { type Call, isChanging } from "../call.ts";
import { appliesTo } from "./applies.ts";
import { chance, draw } from "./chance.ts";
import type { Fault, FaultKind, When } from "./fault.ts";
import type { Agent, FaultsBody, Random, Rule } from "./rule.ts";

export interface Selected {
  fault: Fault;
  when: When;
  /** The only tool that it is for. */
  agent?: Agent | undefined;
}

interface Matcher {
  /** Calls that matched, and those of them that got a fault. */
  matched: number;
  fired: number;
  /** Calls that matched, by action: what the draws go by. */
  byAction: Map<string, number>;
}

export interface Selection {
  /**
   * The fault for a call, counted: the first rule's that has one for it, else what the random schedule draws. `only`
   * limits the kinds to those that can happen there; then nothing is drawn.
   */
  select(call: Call, agent: Agent | undefined, only?: readonly FaultKind[]): Selected | undefined;
  shown(): object;
}

/** Chooses faults as told. What is drawn depends on the seed, the action and the number of its call alone. */
export function createSelection({ seed, rules, random }: FaultsBody): Selection {
  const counted = rules.map((rule) => ({ rule, count: newMatcher() }));
  const schedule = newMatcher();

  function fires({ rule, count }: (typeof counted)[number], index: number, call: Call): boolean {
    const number = match(count, call);
    if (count.matched <= rule.skip || count.fired >= (rule.times ?? Number.POSITIVE_INFINITY)) return false;
    if (rule.probability < 1 && chance(seed, index, nameOf(call), number) >= rule.probability) return false;
    count.fired += 1;
    return true;
  }

  function drawn(call: Call, agent: Agent | undefined): Selected | undefined {
    if (!random || !matches({ ...random, action: "*" }, call, agent)) return undefined;
    const selected = drawFault(random, call, match(schedule, call));
    if (!selected) return undefined;
    schedule.fired += 1;
    return { ...selected, agent: random.agent };
  }

  return {
    select(call, agent, only) {
      for (const [index, each] of counted.entries()) {
        const { rule } = each;
        if (only && !only.includes(rule.fault.kind)) continue;
        if (!matches(rule, call, agent) || !isPossible(rule.fault, call)) continue;
        if (fires(each, index, call)) return rule;
      }
      return only ? undefined : drawn(call, agent);
    },
    shown: () => ({
      seed,
      rules: counted.map(({ rule, count: { matched, fired } }) => ({ ...rule, matched, fired })),
      ...(random ? { random: { ...random, matched: schedule.matched, fired: schedule.fired } } : {}),
    }),
  };
}

function newMatcher(): Matcher {
  return { matched: 0, fired: 0, byAction: new Map() };
}

function match(count: Matcher, call: Call): number {
  const number = (count.byAction.get(nameOf(call)) ?? 0) + 1;
  count.byAction.set(nameOf(call), number);
  count.matched += 1;
  return number;
}

function nameOf({ service, action }: Call): string {
  return `${service}:${action}`;
}

function matches(
  { service, action, agent, changing }: Pick<Rule, "service" | "action" | "agent" | "changing">,
  call: Call,
  caller: Agent | undefined,
): boolean {
  const [start = "", end] = action.split("*");
  const named = end === undefined ? call.action === start : call.action.startsWith(start) && call.action.endsWith(end);
  if (!named || (service && service !== call.service) || (agent && agent !== caller)) return false;
  return !changing || (isChanging(call.action) && call.form?.get("DryRun") !== "true");
}

function isPossible(fault: Fault, { action }: Call): boolean {
  return ("code" in fault && fault.code !== undefined) || appliesTo(fault.kind, action);
}

/** In seconds: a thing that nobody asks for is known at last, as it is on AWS. */
const longestLag = 5;

function drawFault({ seed, rate, kinds }: Random, call: Call, number: number): Selected | undefined {
  const words = [nameOf(call), number] as const;
  if (chance(seed, ...words) >= rate) return undefined;
  const possible = kinds.filter((kind) => appliesTo(kind, call.action));
  const kind = draw(possible, seed, ...words, "kind");
  const when = draw<When>(["before", "after"], seed, ...words, "when") ?? "before";
  if (kind === "delay") return { fault: { kind, seconds: chance(seed, ...words, "seconds") }, when };
  if (kind === "throttle")
    return {
      fault: { kind, status: draw([undefined, undefined, 429, 503], seed, ...words, "status") },
      when: "before",
    };
  if (kind === "error") return { fault: { kind, status: draw([500, 500, 502, 503], seed, ...words, "status") }, when };
  if (kind === "reset") return { fault: { kind }, when };
  if (kind === "lag")
    return { fault: { kind, calls: draw([1, 2, 3], seed, ...words, "calls"), seconds: longestLag }, when: "before" };
  return undefined;
}
