import { z } from "zod";
import { appliesTo } from "./applies.ts";
import { type FaultKind, fault, twoSided, when } from "./fault.ts";

const agent = z.enum(["multivac", "packer", "autoscaling"]);
const service = z.enum(["ec2", "elasticloadbalancing", "autoscaling", "ssm", "sts", "servicequotas"]);
const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** Which calls misbehave how. Of the calls that match, the first `skip` go well, then `times` of them do not. */
const rule = z
  .strictObject({
    service: service.optional(),
    /** `CreateSecurityGroup`, or a part with `*`. */
    action: z
      .string()
      .regex(/^[A-Za-z0-9]*\*?[A-Za-z0-9]*$/, "an action's name, or the beginning or end of one with *")
      .default("*"),
    /** Only calls of this tool; see `agentOf`. */
    agent: agent.optional(),
    /** Only calls that change something. */
    changing: z.literal(true).optional(),
    skip: z.number().int().min(0).default(0),
    /** Without it, all of them. */
    times: z.number().int().min(1).optional(),
    probability: z.number().min(0).max(1).default(1),
    when: when.default("before"),
    fault,
  })
  .superRefine(({ action, fault, when }, context) => {
    const { kind } = fault;
    if (when === "after" && !twoSided.includes(kind)) {
      const message = `a fault of the kind ${kind} cannot come after the effect; ${twoSided.join(", ")} can`;
      context.addIssue({ code: "custom", path: ["when"], message });
    }
    if (!action.includes("*") && !("code" in fault) && !appliesTo(kind, action)) {
      context.addIssue({ code: "custom", path: ["action"], message: `${kind} never happens to ${action}` });
    }
  });

export type Rule = z.infer<typeof rule>;
export type Agent = z.infer<typeof agent>;

/** Faults that a tool has to get over by itself. */
const survivable = ["delay", "throttle", "error", "reset", "lag"] as const satisfies readonly FaultKind[];

const random = z.strictObject({
  seed,
  rate: z.number().min(0).max(1).default(0.1),
  kinds: z
    .array(z.enum(survivable))
    .min(1)
    .default([...survivable]),
  agent: agent.optional(),
  changing: z.literal(true).optional(),
});

export type Random = z.infer<typeof random>;

/** Everything that is on at a time. */
export const faultsBody = z.strictObject({
  /** What the probabilities of the rules are drawn from. */
  seed: seed.default(0),
  rules: z.array(rule).default([]),
  random: random.optional(),
});

export type FaultsBody = z.infer<typeof faultsBody>;
