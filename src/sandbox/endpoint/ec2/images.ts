import { baseImage } from "../base-image.ts";

/** What moto does not remember of an image: the disk it was frozen from. */
export interface ImageDetails {
  rootDeviceName: string;
  volumeId: string;
  volumeGiB: number;
  volumeType: string;
  encrypted: boolean;
  snapshotId: string;
  /** The instance that it was made of. */
  sourceInstanceId: string;
  /** Set while it cannot be launched from. */
  state?: "pending" | "failed" | undefined;
  /** Why it failed. */
  stateReason?: { code: string; message: string } | undefined;
}

export interface Images {
  add(imageId: string, details: ImageDetails): void;
  get(imageId: string): ImageDetails | undefined;
  ofSnapshot(snapshotId: string): ImageDetails | undefined;
  rootDeviceName(imageId: string): string;
  volumeGiB(imageId: string): number;
  clear(): void;
}

/** A base image's root volume, in GiB. */
const baseVolumeGiB = 8;

export function createImages(): Images {
  const details = new Map<string, ImageDetails>();
  return {
    add: (imageId, one) => void details.set(imageId, one),
    get: (imageId) => details.get(imageId),
    ofSnapshot: (snapshotId) => [...details.values()].find((one) => one.snapshotId === snapshotId),
    rootDeviceName: (imageId) => details.get(imageId)?.rootDeviceName ?? baseImage.rootDeviceName,
    volumeGiB: (imageId) => details.get(imageId)?.volumeGiB ?? baseVolumeGiB,
    clear: () => details.clear(),
  };
}
