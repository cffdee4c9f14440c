import { z } from "zod";

const seconds = z.number().min(0).max(3600);
const count = z.number().int().min(1).max(10_000);

/** One way in which AWS misbehaves; docs/sandbox.md lists them for people. */
export const fault = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("delay"), seconds }),
  /** With a status it is a plain page of whatever stands before AWS, without one the service's own refusal. */
  z.strictObject({ kind: z.literal("throttle"), status: z.union([z.literal(429), z.literal(503)]).optional() }),
  z.strictObject({
    kind: z.literal("error"),
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]).optional(),
  }),
  z.strictObject({ kind: z.literal("reset") }),
  z.strictObject({ kind: z.literal("hold") }),
  z.strictObject({ kind: z.literal("refuse"), code: z.string().min(1).optional(), message: z.string().optional() }),
  z.strictObject({ kind: z.literal("expired") }),
  z
    .strictObject({ kind: z.literal("lag"), seconds: seconds.optional(), calls: count.optional() })
    .refine(
      (lag) => lag.seconds !== undefined || lag.calls !== undefined,
      "give seconds, calls, or both: what ends first",
    ),
  z.strictObject({ kind: z.literal("capacity") }),
  z.strictObject({ kind: z.literal("quota"), code: z.string().min(1).optional() }),
  z.strictObject({ kind: z.literal("slow"), seconds }),
  z.strictObject({ kind: z.literal("fail"), seconds: seconds.optional(), reason: z.string().min(1).optional() }),
]);

export type Fault = z.infer<typeof fault>;
export type FaultKind = Fault["kind"];

/** On which side of a call's effect a fault happens. */
export const when = z.enum(["before", "after"]);
export type When = z.infer<typeof when>;

/** Faults that can also happen once the call has taken effect. */
export const twoSided: readonly FaultKind[] = ["delay", "error", "reset", "hold"];

/** A fault as the call log names it: `reset after`. */
export function faultName({ kind }: Fault, side: When): string {
  return side === "after" ? `${kind} after` : kind;
}
