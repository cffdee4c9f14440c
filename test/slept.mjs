/**
 * Loaded into the command before all else, as `--import <this file>?after=8&seconds=200`, it lets the wall clock jump that
 * far ahead so many seconds after the start, as it does for a process whose machine has slept.
 */
const { searchParams } = new URL(import.meta.url);
const [after, seconds] = ["after", "seconds"].map((name) => Number(searchParams.get(name)) * 1000);
const now = Date.now;
const jump = now() + after;
Date.now = () => (now() < jump ? now() : now() + seconds);
