/**
 * What work reports while it runs. Only the output layer prints; everything below it calls a `Report`.
 * `task` is the label a person sees (`load balancer`, `image`); events of one task carry the same label.
 */
export type ProgressEvent =
  | { type: "start"; task: string }
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
  | { type: "detail"; text: string };

export type Report = (event: ProgressEvent) => void;
