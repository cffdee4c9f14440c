import { type Call, isChanging } from "./call.ts";
import { agentOf } from "./faults/agent.ts";
import type { Agent } from "./faults/rule.ts";

interface LoggedCall {
  /** Counts from 1 since the endpoint started. */
  number: number;
  time: string;
  service: string;
  action: string;
  changing: boolean;
  /** The keys of the tags that an `ec2:CreateTags` sets. */
  tags?: string[] | undefined;
  /** 0 for a call that was never answered. */
  status: number;
  /** The error's code, if the call failed. */
  error?: string | undefined;
  /** The kind of fault that met it: `throttle`, `reset after`. */
  fault?: string | undefined;
  milliseconds: number;
  requestId: string;
}

interface Outcome extends Pick<LoggedCall, "status" | "error" | "fault"> {
  started: number;
}

/** An action and who has called it. */
interface CalledAction {
  /** Undefined for what is neither multivac nor Packer. */
  agent: Agent | undefined;
  service: string;
  action: string;
  calls: number;
}

export interface CallLog {
  add(call: Call, outcome: Outcome): void;
  /** The calls since a number, oldest first. */
  since(number: number): LoggedCall[];
  /** Every action since the endpoint started; nothing clears them. */
  actions(): CalledAction[];
  clear(): void;
}

/** Remembers the latest calls, so that tests can count what a command did. */
export function createCallLog(limit = 20_000): CallLog {
  const calls: LoggedCall[] = [];
  const actions = new Map<string, CalledAction>();
  let count = 0;
  return {
    add(call, { started, status, error, fault }) {
      count += 1;
      const agent = agentOf(call);
      const key = `${agent} ${call.service}:${call.action}`;
      const before = actions.get(key)?.calls ?? 0;
      actions.set(key, { agent, service: call.service, action: call.action, calls: before + 1 });
      calls.push({
        number: count,
        time: new Date(started).toISOString(),
        service: call.service,
        action: call.action,
        changing: isChanging(call.action) && call.form?.get("DryRun") !== "true",
        tags: call.action === "CreateTags" && call.form ? tagKeys(call.form) : undefined,
        status,
        error,
        fault,
        milliseconds: Date.now() - started,
        requestId: call.requestId,
      });
      if (calls.length > limit) calls.splice(0, calls.length - limit);
    },
    since: (number) => calls.filter((call) => call.number > number),
    actions: () => [...actions.values()],
    clear: () => void calls.splice(0),
  };
}

function tagKeys(form: URLSearchParams): string[] {
  return [...form].flatMap(([name, value]) => (/^Tag\.\d+\.Key$/.test(name) ? value : []));
}
