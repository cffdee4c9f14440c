import { Failure } from "./failure.ts";

export interface Interrupts {
  stop: AbortSignal;
  kill: AbortSignal;
  /** Undefined while nobody has interrupted; of a run that `looks`, nothing is to be gone on with. */
  failure(how?: { looks: boolean }): Failure | undefined;
  /** From now on a terminal's keys are for the program that runs on it: Ctrl-C, Ctrl-\ and Ctrl-Z do nothing here. */
  leaveKeys(): void;
  /** While a person is asked nothing is under way. */
  asking(isAsked: boolean): void;
  release(): void;
}

/** The exit code of a process that a signal ended is 128 and the signal's number (POSIX shells). */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof exitCodes;

const words: Record<Signal, string> = {
  SIGHUP: "The terminal was closed",
  SIGINT: "Interrupted",
  SIGTERM: "Terminated",
};

/** What is to be told of interrupts; `second` must be done when it returns, because the process ends then. */
interface Told {
  first(text: string): void;
  second(failure: Failure): void;
}

/**
 * Turns signals into two aborts: the first asks to stop in an orderly way, the second ends the process at once.
 * `command` is what to type to go on.
 */
export function onInterrupts(command: string, told: Told): Interrupts {
  const stop = new AbortController();
  const kill = new AbortController();
  let received: Signal | undefined;

  let isAsked = false;
  const failure = (signal: Signal, looks = false) =>
    new Failure({
      code: "interrupted",
      message: `${words[signal]}.${looks ? "" : isAsked ? " Nothing was changed." : " What was made so far stays; the same command goes on from there."}`,
      fix: looks || isAsked ? undefined : `Go on with: ${command}`,
      exitCode: exitCodes[signal],
    });
  const handler = (signal: Signal) => {
    if (received) {
      kill.abort();
      told.second(failure(received));
      process.exit(exitCodes[received]);
    }
    received = signal;
    if (!isAsked) told.first("Stopping: calls under way are finished. Interrupt again to stop at once.");
    stop.abort();
  };
  const signals = Object.keys(exitCodes) as Signal[];
  for (const signal of signals) process.on(signal, handler);
  const left: NodeJS.Signals[] = [];
  const leave = () => {};

  return {
    stop: stop.signal,
    kill: kill.signal,
    asking(asked) {
      // Once it was interrupted it stays told as it was then.
      if (!received) isAsked = asked;
    },
    leaveKeys: () => {
      process.off("SIGINT", handler);
      left.push("SIGINT", "SIGQUIT", "SIGTSTP");
      for (const signal of left) process.on(signal, leave);
    },
    release: () => {
      for (const signal of signals) process.off(signal, handler);
      for (const signal of left) process.off(signal, leave);
    },
    failure: ({ looks } = { looks: false }) => received && failure(received, looks),
  };
}
