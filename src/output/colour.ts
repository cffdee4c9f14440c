/**
 * Whether a stream gets colour. `NO_COLOR` (no-color.org) and --no-color switch it off, `FORCE_COLOR` on; otherwise a
 * terminal has it.
 */
export function hasColour(stream: { isTTY?: boolean }, option: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  if (option === false || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return stream.isTTY === true && env.TERM !== "dumb";
}
