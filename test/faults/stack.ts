import type { AwsState } from "../sandboxes.ts";

/** The stack that everything under faults is done with, as options name it. */
export const named = ["--name", "hello", "--environment", "test"];

/** Without a known boot time a roll waits for the grace period: a short one. */
export const gracePeriodSeconds = 10;

/** What a whole stack is, by kind. */
export const whole: Readonly<Record<string, number>> = {
  "security-group": 2,
  "launch-template": 1,
  "target-group": 1,
  "load-balancer": 1,
  listener: 1,
  "auto-scaling-group": 1,
  instance: 1,
};

/** What is there now and was not before, or the other way round. */
export function differences(before: AwsState, now: AwsState): string[] {
  return Object.keys(now).flatMap((kind) => {
    const ids = (state: AwsState) => (state[kind] ?? []).map(({ id }) => id);
    const more = ids(now).filter((id) => !ids(before).includes(id));
    const fewer = ids(before).filter((id) => !ids(now).includes(id));
    return [...more.map((id) => `left behind: ${kind} ${id}`), ...fewer.map((id) => `gone: ${kind} ${id}`)];
  });
}
