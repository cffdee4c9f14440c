interface FailureDetails {
  /** A stable word in kebab-case that scripts may match. */
  code: string;
  /** What happened, one sentence. */
  message: string;
  /** Why it happened, as far as it is known. */
  reason?: string | undefined;
  /**
   * What the person can do next. A command stands in backquotes, or after a colon at the end of a line; what is shown of
   * `multivac …` there is the command for the same stack, called as this process was, and of `sameCommand` the one that ran.
   */
  fix?: string | undefined;
  /** The AWS action that failed, like `ec2:RunInstances`. */
  action?: string | undefined;
  requestId?: string | undefined;
  /** The process's exit code as the contract lists them. */
  exitCode?: number;
  cause?: unknown;
}

/** Stands in a fix for the command that failed. */
export const sameCommand = "multivac …";

/**
 * A failure that was foreseen: shown as message, reason and next step, without a stack trace.
 * Anything else that is thrown is a bug in the tool and shows its stack.
 */
export class Failure extends Error {
  readonly code: string;
  readonly reason: string | undefined;
  readonly fix: string | undefined;
  readonly action: string | undefined;
  readonly requestId: string | undefined;
  readonly exitCode: number;

  constructor({ code, message, reason, fix, action, requestId, exitCode = 1, cause }: FailureDetails) {
    super(message, { cause });
    this.name = "Failure";
    this.code = code;
    this.reason = reason;
    this.fix = fix;
    this.action = action;
    this.requestId = requestId;
    this.exitCode = exitCode;
  }
}

/** Throws what went wrong, each thing once, several in an `AggregateError`; nothing where nothing did. */
export function throwAny(errors: readonly unknown[]): void {
  const [first, ...more] = new Set(errors);
  if (more.length > 0) throw new AggregateError([first, ...more], `${more.length + 1} things went wrong`);
  if (first !== undefined) throw first;
}

/** Throws what was rejected of what ran side by side. */
export function throwRejected(settled: readonly PromiseSettledResult<unknown>[]): void {
  throwAny(settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : [])));
}
