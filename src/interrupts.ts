import { Failure } from "./failure.ts";

export interface Interrupts {
  stop: AbortSignal;
  kill: AbortSignal;
  /** Undefined while nobody has interrupted. `command` is what to type to go on. */
  failure(command: string): Failure | undefined;
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

/**
 * Turns signals into two aborts: the first asks to stop in an orderly way, the second ends the process at once.
 * `tell` gets a line for the person.
 */
export function onInterrupts(tell: (text: string) => void): Interrupts {
  const stop = new AbortController();
  const kill = new AbortController();
  let received: Signal | undefined;

  const handler = (signal: Signal) => {
    if (received) {
      kill.abort();
      process.exit(exitCodes[received]);
    }
    received = signal;
    tell("Stopping: what is in flight is finished. Once more stops at once.");
    stop.abort();
  };
  const signals = Object.keys(exitCodes) as Signal[];
  for (const signal of signals) process.on(signal, handler);

  return {
    stop: stop.signal,
    kill: kill.signal,
    release: () => {
      for (const signal of signals) process.off(signal, handler);
    },
    failure: (command) =>
      received &&
      new Failure({
        code: "interrupted",
        message: `${words[received]}. Nothing that was made is lost.`,
        fix: `Go on with: ${command}`,
        exitCode: exitCodes[received],
      }),
  };
}
