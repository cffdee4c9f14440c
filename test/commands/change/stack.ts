import type { KeyChange } from "./key-change.ts";

/** Keys that say which stack it is, and where. */

const everything = [
  "load-balancer-security-group",
  "instance-security-group",
  "load-balancer-security-group-rules",
  "instance-security-group-rules",
  "target-group",
  "load-balancer",
  "listener",
  "launch-template",
  "auto-scaling-group",
];
const anotherStack: KeyChange["planned"] = Object.fromEntries(everything.map((part) => [`create ${part}`, undefined]));

export const naming: readonly KeyChange[] = [
  { key: "name", to: "other", planned: anotherStack },
  { key: "environment", to: "prod", planned: anotherStack },
];

/** In the sandbox the account is the sandbox's own. The one named is that of the credentials. */
export const checking: readonly KeyChange[] = [{ key: "accountId", to: "123456789012", planned: {} }];

/** Another region has other networks. */
export const moving = (network: object): readonly KeyChange[] => [
  { key: "region", to: "us-east-1", also: { network }, planned: anotherStack },
];
