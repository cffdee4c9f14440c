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
  /** The images made of a snapshot, those that are gone too. */
  usingSnapshot(snapshotId: string): string[];
  protect(imageId: string, withCooldown: boolean): void;
  unprotect(imageId: string): void;
  protection(imageId: string): DeregistrationProtection;
  clear(): void;
}

interface DeregistrationProtection {
  /** AWS's word. */
  shown: "disabled" | "enabled-with-cooldown" | "enabled-without-cooldown";
  /** Whether it refuses: for a day more after one with a cooldown was taken off. */
  holds: boolean;
}

const unprotected: DeregistrationProtection = { shown: "disabled", holds: false };

/** A base image's root volume, in GiB. */
const baseVolumeGiB = 8;

export function createImages(): Images {
  const details = new Map<string, ImageDetails>();
  const protections = new Map<string, DeregistrationProtection>();
  return {
    add: (imageId, one) => void details.set(imageId, one),
    get: (imageId) => details.get(imageId),
    ofSnapshot: (snapshotId) => [...details.values()].find((one) => one.snapshotId === snapshotId),
    rootDeviceName: (imageId) => details.get(imageId)?.rootDeviceName ?? baseImage.rootDeviceName,
    volumeGiB: (imageId) => details.get(imageId)?.volumeGiB ?? baseVolumeGiB,
    usingSnapshot: (snapshotId) => [...details].flatMap(([id, one]) => (one.snapshotId === snapshotId ? id : [])),
    protect(imageId, withCooldown) {
      const shown = withCooldown ? "enabled-with-cooldown" : "enabled-without-cooldown";
      protections.set(imageId, { shown, holds: true });
    },
    unprotect(imageId) {
      const cooling = protections.get(imageId)?.shown === "enabled-with-cooldown";
      protections.set(imageId, { shown: "disabled", holds: cooling });
    },
    protection: (imageId) => protections.get(imageId) ?? unprotected,
    clear() {
      details.clear();
      protections.clear();
    },
  };
}
