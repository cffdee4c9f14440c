import type { Report } from "../progress.ts";
import type { BakeOrder } from "./order.ts";

/**
 * Bakes the app into an AMI. When `stop` is aborted Packer takes down what it made, then this rejects with a Failure
 * `bake-interrupted`; when `kill` is aborted nothing is waited for any more.
 */
export async function bake(
  _order: BakeOrder,
  _report: Report,
  _stop: AbortSignal,
  _kill?: AbortSignal,
): Promise<{ imageId: string }> {
  throw new Error("not written yet");
}
