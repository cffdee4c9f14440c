import type { StackEvent } from "../documents.ts";

/** In the order in which they follow from each other, where they have the same time. */
export const eventKinds: readonly StackEvent["kind"][] = [
  "bake",
  "deploy",
  "rollback",
  "roll",
  "launch",
  "termination",
  "activity",
  "roll-end",
];
