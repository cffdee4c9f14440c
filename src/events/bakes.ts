import type { StackEvent } from "../documents.ts";
import { basePart, type ImageLive } from "../resources/image.ts";

/** The images that there still are, as they were made. */
export function bakes(images: readonly ImageLive[]): StackEvent[] {
  return images.map(({ id, created, release, status, tags }) => {
    const isBase = tags["multivac:resource"] === basePart;
    const { "multivac:commit": commit, "multivac:dirty": dirty } = tags;
    return {
      time: new Date(created).toISOString(),
      kind: "bake",
      what: `baked ${isBase ? "the base image " : ""}${id}`,
      id,
      release: isBase ? undefined : release,
      cause: commit && `commit ${commit.slice(0, 12)}${dirty === "true" ? " and changes" : ""}`,
      status,
    };
  });
}
