import { type Deletable, deletionOf, type Live } from "../engine/resource.ts";
import { basePart, type ImageLive, image, isBaked, ownImages } from "./image.ts";

/** What an Auto Scaling group launches: nothing else that is made here has these parts. */
const launched = ["instance", "volume"];

/**
 * Why an image or a snapshot stays that has the tags of an instance or a volume: AWS Backup and Data Lifecycle Manager give
 * a backup those of what they back up ("Copy tags", AWS Backup developer guide), and EC2 refuses to deregister an image
 * that AWS Backup manages. Undefined for what is no backup.
 */
export function whyBackupStays({ tags }: Pick<Live, "tags">): string | undefined {
  const part = tags["multivac:resource"] ?? "";
  if (!launched.includes(part)) return undefined;
  return `It carries the tags of the stack's ${part}, as a backup of it does; multivac did not make it. Delete it where it was made (AWS Backup, Data Lifecycle Manager), or take its tags off.`;
}

/** Images with the stack's tags that no bake has made. Backups are told and stay. */
export const otherImage: Deletable<ImageLive> = {
  ...deletionOf(image),
  resource: "other-image",
  kind: "image",
  dependsOn: [],
  find: async ({ at }) =>
    (await at(ownImages)).filter((one) => !isBaked(one) && one.tags["multivac:resource"] !== basePart),
  whyStays: whyBackupStays,
};
