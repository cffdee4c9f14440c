/**
 * What work reports while it runs. Only the output layer prints; everything below it calls a `Report`.
 * `task` is the label a person sees (`load balancer`, `image`); events of one task carry the same label.
 */
export type ProgressEvent =
  /**
   * `after` is a task that this one cannot end before, though it does not wait for it to begin. `aside` is one that no other
   * waits for, only the end of the command.
   */
  | { type: "start"; task: string; after?: string | undefined; aside?: boolean }
  /** Others may go on with what the task makes, though it has not ended. */
  | { type: "usable"; task: string }
  /** What the task is doing right now; replaces the text before. */
  | { type: "update"; task: string; text: string }
  | {
      type: "end";
      task: string;
      outcome: "done" | "failed" | "stopped";
      id?: string | undefined;
      text?: string | undefined;
    }
  /** One line for the person, not tied to a task. */
  | { type: "note"; text: string }
  | { type: "warning"; text: string }
  /** Detail that only `--verbose` shows. */
  | { type: "detail"; text: string }
  /** Time begins, or began `at` a moment before (of `performance.now()`), that goes to something else than the tool's work. */
  | { type: "begin"; span: Span; at?: number }
  | { type: "finish"; span: Span; facts: SpanFacts };

/** One attempt of a call to AWS, one pause before the next look or attempt, one bake, or one question to the person. */
export interface Span {
  kind: "call" | "wait" | "bake" | "question";
  /** For a call `ec2:RunInstances`. */
  name: string;
  /** The task in whose name it is; undefined where there is none. */
  task: string | undefined;
  /** Of a call: which attempt of it this is, from 1. */
  attempt?: number;
}

/** What came of a span; never anything of what a request or an answer holds. */
export interface SpanFacts {
  status?: number | undefined;
  requestId?: string | undefined;
  /** The error's name, like `RequestLimitExceeded`. */
  error?: string | undefined;
}

export type Report = (event: ProgressEvent) => void;
