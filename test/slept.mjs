/**
 * Loaded into the command before all else, as `--import <this file>?seconds=200`, it lets the wall clock jump that far
 * ahead at a SIGUSR2, as it does for a process whose machine has slept.
 */
const seconds = Number(new URL(import.meta.url).searchParams.get("seconds"));
const now = Date.now;
let ahead = 0;
Date.now = () => now() + ahead;
process.once("SIGUSR2", () => {
  ahead = seconds * 1000;
});
