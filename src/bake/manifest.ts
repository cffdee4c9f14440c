import { readFile } from "node:fs/promises";

/** The image of Packer's last run, or undefined when it made none. */
export async function bakedImage(manifest: string): Promise<string | undefined> {
  const text = await readFile(manifest, "utf8").catch(() => undefined);
  return text === undefined ? undefined : imageOfManifest(text);
}

/** The image that the last run named in Packer's manifest made, or undefined. */
export function imageOfManifest(text: string): string | undefined {
  const manifest = JSON.parse(text) as {
    last_run_uuid: string;
    builds: { packer_run_uuid: string; artifact_id: string }[];
  };
  const build = manifest.builds.find((entry) => entry.packer_run_uuid === manifest.last_run_uuid);
  return /^[\w-]+:(ami-\w+)$/.exec(build?.artifact_id ?? "")?.[1];
}
