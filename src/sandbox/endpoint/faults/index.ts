import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, errorAnswer } from "../answer.ts";
import { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";
import { agentOf } from "./agent.ts";
import { ConnectionDropped } from "./dropped.ts";
import { expired, noCapacity, serverError, throttled } from "./errors.ts";
import type { Fate } from "./fate.ts";
import { type Fault, type FaultKind, faultName } from "./fault.ts";
import { createHeld } from "./held.ts";
import { createLag } from "./lag.ts";
import { quotaOf } from "./quotas.ts";
import { notAllowed } from "./refusal.ts";
import { type FaultsBody, faultsBody } from "./rule.ts";
import { createSelection, type Selected } from "./selection.ts";

export interface Faults {
  /** Carries a call out under the faults that are on. `tell` hears of each fault that meets it. */
  around(call: Call, next: () => Promise<Answer>, tell: (fault: string) => void): Promise<Answer>;
  /** What the launch of an Auto Scaling group meets: throws an `AwsError`, or tells what becomes of the instance. */
  ofLaunch(place: { instanceType: string; subnetId: string }): Fate | undefined;
  /** Puts these faults on in place of all before. */
  set(body: FaultsBody): void;
  /** Takes every fault off, drops held calls, ends delays, and lets everything be known. */
  clear(): void;
  shown(): object;
}

interface FaultsParts {
  region: string;
  account: string;
  /** The subnets with their Availability Zones, as they are now. */
  zones: () => ReadonlyMap<string, string>;
}

/** How a group's launch can go wrong: it is EC2's own `RunInstances`, and nobody's request. */
const launchKinds: readonly FaultKind[] = ["refuse", "capacity", "quota", "slow", "fail"];

/** AWS misbehaving on demand. With nothing on, every call passes as it is. */
export function createFaults({ region, account, zones }: FaultsParts): Faults {
  const none = faultsBody.parse({});
  const held = createHeld();
  const lag = createLag();
  let selection = createSelection(none);
  let delays = new AbortController();

  function refusalOf(fault: Fault, call: Call): AwsError | undefined {
    if (fault.kind === "refuse") {
      const { code, message = "The sandbox was told to refuse this." } = fault;
      return code ? new AwsError(code, message) : notAllowed(call, account);
    }
    if (fault.kind === "expired") return expired(call);
    if (fault.kind === "capacity") return noCapacityFor(call);
    const quota = fault.kind === "quota" ? quotaOf(call.action, fault.code) : undefined;
    return quota && new AwsError(quota.code, quota.message);
  }

  function noCapacityFor({ form }: Call): AwsError {
    const subnetId = form?.get("SubnetId") ?? form?.get("NetworkInterface.1.SubnetId") ?? "";
    const zone = zones().get(subnetId) ?? `${region}a`;
    const others = [...zones().values()].filter((other) => other !== zone);
    return noCapacity(form?.get("InstanceType") ?? "m1.small", zone, others);
  }

  async function carryOut(selected: Selected, call: Call, next: () => Promise<Answer>): Promise<Answer> {
    const { fault } = selected;
    const refusal = refusalOf(fault, call);
    if (refusal) return errorAnswer(call, refusal);
    if (fault.kind === "throttle") return throttled(call, fault.status);
    if (fault.kind === "lag") {
      const answer = await next();
      lag.begin(call, answer, { ...fault, agent: selected.agent });
      return answer;
    }
    call.fate = fateOf(fault);
    return call.fate ? next() : await onOneSide(selected, call, next);
  }

  /** The faults that happen before or after the call takes effect. */
  async function onOneSide({ fault, when }: Selected, call: Call, next: () => Promise<Answer>): Promise<Answer> {
    const answer = when === "after" ? await next() : undefined;
    if (fault.kind === "error") return serverError(call, fault.status);
    if (fault.kind === "reset") throw new ConnectionDropped();
    if (fault.kind === "hold") return held.hold(call, when);
    if (fault.kind === "delay") await delayed(fault.seconds);
    return answer ?? next();
  }

  function delayed(seconds: number): Promise<void> {
    return sleep(seconds * 1000, undefined, { ref: false, signal: delays.signal }).catch(() => undefined);
  }

  function clear(): void {
    selection = createSelection(none);
    delays.abort();
    delays = new AbortController();
    held.letGo();
    lag.clear();
  }

  return {
    clear,
    set(body) {
      clear();
      selection = createSelection(body);
    },
    async around(call, next, tell) {
      const agent = agentOf(call);
      const known = async () => {
        const unknown = lag.refusal(call, agent);
        const answer = unknown ? errorAnswer(call, unknown) : await next();
        const partial = lag.hidden(call, agent, answer);
        if (unknown || partial) tell("lag");
        return partial ?? answer;
      };
      const selected = selection.select(call, agent);
      if (!selected) return known();
      tell(faultName(selected.fault, selected.when));
      return carryOut(selected, call, known);
    },
    ofLaunch({ instanceType, subnetId }) {
      const form = new URLSearchParams({ Action: "RunInstances", InstanceType: instanceType, SubnetId: subnetId });
      const call: Call = {
        requestId: randomUUID(),
        method: "POST",
        path: "/",
        headers: {},
        body: Buffer.alloc(0),
        accessKey: "",
        service: "ec2",
        region,
        action: "RunInstances",
        form,
      };
      const fault = selection.select(call, "autoscaling", launchKinds)?.fault;
      const refusal = fault && refusalOf(fault, call);
      if (refusal) throw refusal;
      return fault && fateOf(fault);
    },
    shown: () => ({ ...selection.shown(), held: held.shown(), unknown: lag.shown() }),
  };
}

function fateOf(fault: Fault): Fate | undefined {
  if (fault.kind === "slow") return { seconds: fault.seconds, failure: undefined };
  if (fault.kind === "fail") return { seconds: fault.seconds, failure: fault.reason ?? "" };
  return undefined;
}
