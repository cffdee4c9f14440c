import type { Call } from "../call.ts";
import { notAllowed } from "../faults/refusal.ts";
import type { Policy } from "./document.ts";
import { evaluate } from "./evaluate.ts";
import { questionsOf } from "./questions.ts";
import type { Things } from "./things.ts";

/** Who may do what: everybody everything, but for access keys that have policies. */
export interface Permissions {
  /** Rejects with AWS's own refusal where the caller's policies do not allow a call. */
  check(call: Call): Promise<void>;
  /** Gives an access key exactly these policies. */
  set(accessKeyId: string, policies: readonly Policy[]): void;
  clear(): void;
  /** The policies, and of each statement the actions that it has allowed. */
  shown(): object;
}

export function createPermissions(things: Things, account: string): Permissions {
  const byKey = new Map<string, readonly Policy[]>();
  const used = new Map<string, Set<string>>();
  return {
    async check(call) {
      const policies = byKey.get(accessKeyOf(call));
      if (!policies) return;
      for (const question of await questionsOf(call, things)) {
        const { allowed, by } = evaluate(policies, question);
        if (!allowed) throw notAllowed(call, account, { ...question, explicit: by.length > 0 });
        for (const { Sid = "" } of by) used.set(Sid, (used.get(Sid) ?? new Set()).add(question.action));
      }
    },
    set: (accessKeyId, policies) => void byKey.set(accessKeyId, policies),
    clear() {
      byKey.clear();
      used.clear();
    },
    shown: () => ({
      policies: Object.fromEntries(byKey),
      used: Object.fromEntries([...used].map(([sid, actions]) => [sid, [...actions].sort()])),
    }),
  };
}

/** The access key that a call is signed with. */
function accessKeyOf({ headers }: Call): string {
  return /Credential=([^/,\s]+)\//.exec(headers.authorization ?? "")?.[1] ?? "";
}
