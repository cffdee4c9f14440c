/** Loaded into the command before all else, it ends timers of more than a minute at a SIGUSR2: what waits for them is over. */
const { setTimeout: set, clearTimeout: clear } = globalThis;
const long = new Map();
globalThis.setTimeout = (act, ms, ...args) => {
  const timer = set(act, ms, ...args);
  if (ms > 60_000) long.set(timer, () => act(...args));
  return timer;
};
globalThis.clearTimeout = (timer) => {
  long.delete(timer);
  clear(timer);
};
process.once("SIGUSR2", () => {
  for (const [timer, act] of long) {
    clear(timer);
    act();
  }
});
