import { randomBytes } from "node:crypto";
import { chown, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { Failure } from "../../failure.ts";
import { removeFolder } from "./mounts.ts";
import { upperOf } from "./overlay.ts";
import { firstUid } from "./user-namespace.ts";

/** The disks of images and the layers they are made of. A layer never changes once it is here. */
export interface ImageLayers {
  /** The image's layers, the lowest first. */
  of(imageId: string): readonly string[];
  /** Makes what lies in the disk's `upper` a layer on top of `below`, by moving it or by copying it. */
  freeze(diskFolder: string, below: readonly string[], how: "move" | "copy"): Promise<readonly string[]>;
  name(imageId: string, layers: readonly string[]): void;
  forget(imageId: string): void;
  /** Removes the layers that neither an image nor one of these disks stands on. */
  sweep(disks: Iterable<readonly string[]>): Promise<void>;
}

export function createImageLayers(folder: string, baseFolder: string, baseImageIds: readonly string[]): ImageLayers {
  const images = new Map<string, readonly string[]>(baseImageIds.map((id) => [id, [baseFolder]]));
  const made = new Set<string>();
  return {
    of(imageId) {
      const layers = images.get(imageId);
      if (layers) return layers;
      throw new Failure({
        code: "image-not-found",
        message: `The sandbox has no disk for the image ${imageId}.`,
        reason: "It was not made in this sandbox, or has been deregistered.",
        fix: "Choose an image of this sandbox, or bake one: multivac deploy",
      });
    },
    async freeze(diskFolder, below, how) {
      const layer = join(folder, randomBytes(6).toString("hex"));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      made.add(layer);
      if (how === "move") {
        await rename(upperOf(diskFolder), layer);
        await makeUpper(diskFolder);
      } else {
        await execa("cp", ["--archive", "--reflink=auto", upperOf(diskFolder), layer]);
      }
      return [...below, layer];
    },
    name(imageId, layers) {
      images.set(imageId, layers);
    },
    forget(imageId) {
      images.delete(imageId);
    },
    async sweep(disks) {
      const used = new Set([...images.values(), ...disks].flat());
      for (const layer of made) {
        if (used.has(layer)) continue;
        await removeFolder(layer);
        made.delete(layer);
      }
    },
  };
}

/** An empty upper layer; its own owner becomes that of the machine's `/`. */
export async function makeUpper(diskFolder: string): Promise<void> {
  await mkdir(upperOf(diskFolder), { recursive: true, mode: 0o755 });
  await chown(upperOf(diskFolder), firstUid, firstUid);
}
