import { constants, openSync, realpathSync, statSync } from "node:fs";

/**
 * Why a file must not be written by a command that reads `inputs`; undefined where nothing speaks against it. To open a
 * pipe that nobody reads would wait for ever.
 */
export function obstacle(file: string, inputs: readonly (string | undefined)[]): string | undefined {
  const place = placeOf(file);
  if (place !== undefined && inputs.some((input) => input !== undefined && placeOf(input) === place))
    return "This command reads it.";
  if (statSync(file, { throwIfNoEntry: false })?.isFIFO() && !isRead(file)) return "It is a pipe that nobody reads.";
  return undefined;
}

function placeOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

/** It stays open: for its reader a pipe ends when nobody has it open for writing any more. */
function isRead(file: string): boolean {
  try {
    openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
    return true;
  } catch {
    return false;
  }
}
