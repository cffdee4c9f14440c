/**
 * Loaded into the command before all else, as `--import <this file>?factor=60`, it lets the clock by which the command
 * reckons its time limits run so much faster, so that no test waits for half an hour, or so much slower, so that
 * none depends on how fast its machine is.
 */
const factor = Number(new URL(import.meta.url).searchParams.get("factor"));
const now = performance.now.bind(performance);
const start = now();
performance.now = () => start + (now() - start) * factor;
