import type { ProgressEvent } from "../progress.ts";
import type { SandboxRecord } from "./record.ts";

/** What the daemon tells the command that starts it. */
export type DaemonMessage =
  | { type: "progress"; event: ProgressEvent }
  | { type: "ready"; record: SandboxRecord }
  | {
      type: "failed";
      failure: { code: string; message: string; reason?: string | undefined; fix?: string | undefined };
    };
