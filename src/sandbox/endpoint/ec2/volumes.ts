/**
 * Gives every launch its root volume by name, and each volume a size and AWS's default of going with its instance;
 * moto leaves such volumes behind.
 */
export function completeVolumes(
  form: URLSearchParams,
  { rootDeviceName, volumeGiB }: { rootDeviceName: string; volumeGiB: number },
): void {
  const numbers = new Set<string>();
  for (const key of form.keys()) {
    const number = /^BlockDeviceMapping\.(\d+)\./.exec(key)?.[1];
    if (number) numbers.add(number);
  }
  for (const number of numbers) {
    const at = `BlockDeviceMapping.${number}`;
    const keys = [...form.keys()].filter((key) => key.startsWith(`${at}.`));
    if (keys.some((key) => key.endsWith(".NoDevice") || key.endsWith(".VirtualName"))) continue;
    if (!form.has(`${at}.Ebs.VolumeSize`)) form.set(`${at}.Ebs.VolumeSize`, String(volumeGiB));
    if (!form.has(`${at}.Ebs.DeleteOnTermination`)) form.set(`${at}.Ebs.DeleteOnTermination`, "true");
  }
  const names = [...numbers].map((number) => form.get(`BlockDeviceMapping.${number}.DeviceName`));
  if (names.includes(rootDeviceName)) return;
  const at = `BlockDeviceMapping.${Math.max(0, ...[...numbers].map(Number)) + 1}`;
  form.set(`${at}.DeviceName`, rootDeviceName);
  form.set(`${at}.Ebs.VolumeSize`, String(volumeGiB));
  form.set(`${at}.Ebs.DeleteOnTermination`, "true");
}
