import type { AwsView } from "./aws-view.ts";
import type { KeyChange } from "./key-change.ts";

/** Keys that are changed in place: no instance is replaced. */

const group = ({ one }: AwsView) => one("auto-scaling-group").raw;
const check = ({ one }: AwsView) => one("target-group").raw;
const healthCheck = (key: string, from: unknown, to: unknown, read: (raw: ReturnType<typeof check>) => unknown) => ({
  key: `loadBalancer.healthCheck.${key}`,
  to,
  planned: { "update target-group": { healthCheck: [{ [key]: from }, { [key]: to }] as [unknown, unknown] } },
  held: [(view: AwsView) => read(check(view)), to] as KeyChange["held"] & object,
});

/** Every resource that has tags of its own, and the template's for instances to come. */
const tagged = [
  "load-balancer-security-group",
  "instance-security-group",
  "target-group",
  "load-balancer",
  "listener",
  "launch-template",
  "auto-scaling-group",
];
const newTag: [unknown, unknown] = [{ team: undefined }, { team: "blue" }];
const version: [unknown, unknown] = ["1", "(known after deploy)"];

export const inPlace: readonly KeyChange[] = [
  {
    key: "$schema",
    to: "https://example.com/config.schema.json",
    planned: {},
  },
  {
    key: "instances.min",
    to: 2,
    planned: { "update auto-scaling-group": { minSize: [1, 2], desiredCapacity: [1, 2] } },
    held: [(view) => [group(view).MinSize, group(view).DesiredCapacity, group(view).Instances.length], [2, 2, 2]],
  },
  {
    key: "instances.max",
    to: 3,
    planned: { "update auto-scaling-group": { maxSize: [1, 3] } },
    held: [(view) => group(view).MaxSize, 3],
  },
  {
    key: "instances.sshFrom",
    to: ["198.51.100.7/32"],
    planned: {
      "update instance-security-group-rules": {
        ingress: [[/^tcp 80 sg-\w+$/], [/^tcp 22 198\.51\.100\.7\/32$/, /^tcp 80 sg-\w+$/]],
      },
    },
    held: [({ ingress }) => ingress("instance-security-group"), ["tcp 22 198.51.100.7/32"]],
  },
  {
    key: "instances.allowTo",
    to: ["tcp 443 0.0.0.0/0", "udp 8000-8010 198.51.100.0/24"],
    planned: {
      "update instance-security-group-rules": {
        egress: [[/^all - 0\.0\.0\.0\/0$/], [/^tcp 443 0\.0\.0\.0\/0$/, /^udp 8000-8010 198\.51\.100\.0\/24$/]],
      },
    },
    held: [({ egress }) => egress("instance-security-group"), ["tcp 443 0.0.0.0/0", "udp 8000-8010 198.51.100.0/24"]],
  },
  {
    key: "loadBalancer.allowFrom",
    to: ["203.0.113.0/24", "198.51.100.0/24"],
    planned: {
      "update load-balancer-security-group-rules": {
        ingress: [["tcp 80 0.0.0.0/0"], ["tcp 80 198.51.100.0/24", "tcp 80 203.0.113.0/24"]],
      },
    },
    held: [
      ({ ingress }) => ingress("load-balancer-security-group"),
      ["tcp 80 198.51.100.0/24", "tcp 80 203.0.113.0/24"],
    ],
  },
  {
    key: "loadBalancer.deregistrationDelaySeconds",
    to: 7,
    planned: { "update target-group": { deregistrationDelaySeconds: [30, 7] } },
    held: [({ targetGroup }) => targetGroup["deregistration_delay.timeout_seconds"], "7"],
  },
  healthCheck("path", "/", "/health?a=b", (raw) => raw.HealthCheckPath),
  healthCheck("status", "200", "200-299,302", (raw) => raw.Matcher.HttpCode),
  healthCheck("intervalSeconds", 10, 21, (raw) => raw.HealthCheckIntervalSeconds),
  healthCheck("timeoutSeconds", 5, 19, (raw) => raw.HealthCheckTimeoutSeconds),
  healthCheck("healthyThreshold", 2, 3, (raw) => raw.HealthyThresholdCount),
  healthCheck("unhealthyThreshold", 2, 4, (raw) => raw.UnhealthyThresholdCount),
  {
    key: "loadBalancer.healthCheck.gracePeriodSeconds",
    to: 240,
    planned: { "update auto-scaling-group": { gracePeriodSeconds: [180, 240] } },
    held: [(view) => group(view).HealthCheckGracePeriod, 240],
  },
  {
    key: "deletionProtection",
    to: true,
    planned: {
      "update load-balancer": { deletionProtection: [false, true] },
      "update auto-scaling-group": { deletionProtection: ["none", "prevent-all-deletion"] },
    },
    held: [
      (view) => [view.loadBalancer["deletion_protection.enabled"], group(view).DeletionProtection],
      ["true", "prevent-all-deletion"],
    ],
  },
  {
    key: "tags",
    to: { team: "blue" },
    planned: {
      ...Object.fromEntries(tagged.map((resource) => [`update ${resource}`, { tags: newTag }])),
      "update launch-template": { tags: newTag, instanceTags: newTag },
      "update auto-scaling-group": { tags: newTag, launchTemplateVersion: version },
    },
    held: [
      ({ state }) =>
        Object.entries(state).flatMap(([kind, things]) =>
          things
            .filter(({ tags }) => tags["multivac:name"] === "hello" && tags.team !== "blue")
            .map(({ id }) => `${kind} ${id}`),
        ),
      [],
    ],
  },
];
