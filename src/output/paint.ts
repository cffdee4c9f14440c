import picocolors from "picocolors";

/** Colours for one stream, or none. */
export type Paint = Pick<
  ReturnType<typeof picocolors.createColors>,
  "red" | "green" | "yellow" | "cyan" | "blue" | "magenta" | "bold" | "dim"
>;

export function paintFor(colour: boolean): Paint {
  return picocolors.createColors(colour);
}

/**
 * Whether a stream gets colour. `NO_COLOR` (no-color.org) and --no-color switch it off, `FORCE_COLOR` on; otherwise a
 * terminal has it.
 */
export function hasColour(stream: { isTTY?: boolean }, option: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (option === false || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return stream.isTTY === true && env.TERM !== "dumb";
}
