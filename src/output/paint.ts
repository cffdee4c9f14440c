import picocolors from "picocolors";

/** Colours for one stream, or none. */
export type Paint = Pick<
  ReturnType<typeof picocolors.createColors>,
  "red" | "green" | "yellow" | "cyan" | "blue" | "magenta" | "bold" | "dim"
>;

export function paintFor(colour: boolean): Paint {
  return picocolors.createColors(colour);
}
