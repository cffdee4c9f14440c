import type { Ground } from "../doctor/check.ts";
import { throwRejected } from "../failure.ts";
import type { Report } from "../progress.ts";
import { checksOfImage, checksOfPlace } from "./needed-checks.ts";

/**
 * Makes the checks that a deploy needs, beside the rest of its preparation and nothing where it needs none. Throws all
 * that would stop the deploy; what could not be checked stops none.
 */
export async function checkFirst(ground: Ground, report: Report): Promise<void> {
  const [{ config }, seen] = await Promise.all([ground.loaded(), ground.seen()]);
  const ofPlace = make(checksOfPlace(seen, config), ground, report);
  const ofImage = ground.wanted().then((image) => make(checksOfImage(image, seen, config), ground, report));
  throwRejected(await Promise.allSettled([ofPlace, ofImage]));
}

async function make(names: readonly string[], ground: Ground, report: Report): Promise<void> {
  if (names.length === 0) return;
  const { beforeDeploy } = await import("../doctor/before-deploy.ts");
  await beforeDeploy(names, ground, report);
}
