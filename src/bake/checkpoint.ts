import { writeFile } from "node:fs/promises";

/** The task in which Ansible waits until the base image is kept (ansible/roles/base/tasks/keep.yml). */
const reached = /^TASK \[base : Keep this as the base image\]/;

export interface Checkpoint {
  /** Aborted when the work failed: Ansible is not to go on. */
  failed: AbortSignal;
  line(text: string): void;
  /** Resolves when the work is over; rejects with what it met. */
  over(): Promise<void>;
}

/** Does `work` once Ansible waits for it, and then makes the file that lets Ansible go on. Wants to hear what Packer says. */
export function atCheckpoint(file: string, work: (() => Promise<void>) | undefined): Checkpoint {
  const failed = new AbortController();
  let working: Promise<void> | undefined;
  return {
    failed: failed.signal,
    line(text) {
      if (!work || working || !reached.test(text)) return;
      working = work().then(() => writeFile(file, ""));
      working.catch(() => failed.abort());
    },
    over: async () => await working,
  };
}
