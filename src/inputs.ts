import type { Config } from "./config/schema.ts";
import type { ImageLive } from "./resources/image.ts";
import type { Stack } from "./stack.ts";

/** What a deploy is made from, besides what AWS holds. */
export interface Inputs {
  config: Config;
  stack: Stack;
  /** The image to deploy: one that was named, or the release of the app, baked where it is not there yet. */
  image: { named: ImageLive } | { release: string; base: string; bake: Bake };
}

/** Bakes the release's image and resolves with its AMI id. */
type Bake = (signal: AbortSignal, progress: (text: string) => void) => Promise<string>;
