import type { Aws } from "../aws/aws.ts";
import type { Report } from "../progress.ts";
import type { Doing, Staying } from "./resource.ts";

/** What applying a plan and destroying a stack need besides the resources. */
export interface Run {
  aws: Aws;
  report: Report;
  signal: AbortSignal;
  /** Told of what of the stack had to be left; a warning is given where nobody listens. */
  stays?: (one: Staying) => void;
  /** Whether this run deletes one of the stack's; anything of it may go where that is not told. */
  goes?: (id: string) => boolean | undefined;
  /** Where it is there, applying ends without what nothing waits for, and puts that here for the caller to wait for. */
  rest?: Promise<void>[];
  /** When the tags of what is to be deleted were read last, by id and `performance.now()`; all the others' are read anew. */
  readAt?: Map<string, number>;
}

/** A run on one stack. */
export type Scope = Run & Pick<Doing, "stack" | "gently">;
