/** Runs something after so many seconds, unless the endpoint closes or is emptied before. A time that a setting says may change meanwhile. */
export type Later = (seconds: number | (() => number), run: () => Promise<void>) => void;

/** How often a time that may change is looked at, in milliseconds. */
const look = 100;

export function createLater(onError: (error: unknown) => void): { later: Later; clear(): void } {
  const timers = new Set<NodeJS.Timeout>();
  const later: Later = (seconds, run) => {
    const began = Date.now();
    const wait = () => {
      const fixed = typeof seconds === "number";
      const left = began + (fixed ? seconds : seconds()) * 1000 - Date.now();
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          if (fixed || left <= look) run().catch(onError);
          else wait();
        },
        Math.max(0, fixed ? left : Math.min(left, look)),
      );
      timers.add(timer);
    };
    wait();
  };
  return {
    later,
    clear() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
