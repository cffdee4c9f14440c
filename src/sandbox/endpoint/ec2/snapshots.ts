import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import type { MotoRead } from "../moto-read.ts";
import { parametersOf } from "../parameters.ts";
import { type Element, elements, text } from "../xml.ts";
import { type FilterFields, filtered } from "./filters.ts";
import type { Images } from "./images.ts";
import { only, page } from "./pages.ts";

/** `DescribeSnapshots`: an image's snapshot tells the volume and the size it was made from. */
export function describeSnapshots({ motoRead, images }: { motoRead: MotoRead; images: Images }): Handler {
  return {
    service: "ec2",
    action: "DescribeSnapshots",
    async instead(call) {
      const form = call.form as URLSearchParams;
      const parameters = parametersOf(call);
      const asked = only(form, ["SnapshotId", "Owner", "RestorableBy"]);
      const { snapshotSet } = await motoRead("ec2", "DescribeSnapshots", asked);
      const found = elements(snapshotSet);
      const missing = parameters.list("SnapshotId").find((id) => !found.some((one) => text(one.snapshotId) === id));
      if (missing) throw new AwsError("InvalidSnapshot.NotFound", `The snapshot '${missing}' does not exist.`);
      for (const snapshot of found) {
        const details = images.ofSnapshot(text(snapshot.snapshotId));
        if (!details) continue;
        Object.assign(snapshot, {
          volumeId: details.volumeId,
          volumeSize: details.volumeGiB,
          encrypted: details.encrypted,
        });
      }
      const { items, nextToken } = page(filtered(found, parameters, fields), parameters);
      return { snapshotSet: items, nextToken };
    },
  };
}

const one =
  (name: string) =>
  (snapshot: Element): string[] => [text(snapshot[name])];

const fields: FilterFields = {
  description: one("description"),
  encrypted: one("encrypted"),
  "owner-alias": one("ownerAlias"),
  "owner-id": one("ownerId"),
  progress: one("progress"),
  "snapshot-id": one("snapshotId"),
  "start-time": one("startTime"),
  status: one("status"),
  "volume-id": one("volumeId"),
  "volume-size": one("volumeSize"),
};
