import type { Config } from "./config/schema.ts";
import type { Base, Layer } from "./deploy/layer.ts";
import type { ImageLive } from "./resources/image.ts";
import type { Stack } from "./stack.ts";

/** What a deploy is made from, besides what AWS holds. */
export interface Inputs {
  config: Config;
  stack: Stack;
  /** The image to deploy: one that was named, or the release of the app, baked where it is not there yet. */
  image: { named: ImageLive } | Release;
}

/** A release of the app. */
interface Release {
  /** Its name. */
  release: string;
  /** The image of the system that it comes from. */
  base: Base;
  /** All but the app's own files: what it is baked upon. */
  layer: Layer;
  /** Whether its image is there. */
  baked: boolean;
  /** The images that have served before, the last one first. */
  served: readonly string[];
  bake: Bake;
  /** Resolves once nothing of the bake runs any more. */
  ended(): Promise<void>;
}

/** Bakes the release's image and resolves with its AMI id. */
type Bake = (signal: AbortSignal, progress: (text: string) => void) => Promise<string>;
