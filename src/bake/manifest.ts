/** The image that the last run named in Packer's manifest made, or undefined. */
export function imageOfManifest(text: string): string | undefined {
  const manifest = JSON.parse(text) as {
    last_run_uuid: string;
    builds: { packer_run_uuid: string; artifact_id: string }[];
  };
  const build = manifest.builds.find((entry) => entry.packer_run_uuid === manifest.last_run_uuid);
  return /^[\w-]+:(ami-\w+)$/.exec(build?.artifact_id ?? "")?.[1];
}
