export interface PackerVersion {
  major: number;
  minor: number;
  patch: number;
}

/** Reads what `packer version` prints: `Packer v1.6.6`. */
export function parsePackerVersion(text: string): PackerVersion | undefined {
  const found = /\bv?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found ? { major: Number(found[1]), minor: Number(found[2]), patch: Number(found[3]) } : undefined;
}

export function packerVersionText({ major, minor, patch }: PackerVersion): string {
  return `${major}.${minor}.${patch}`;
}

export function atLeast(version: PackerVersion, major: number, minor: number, patch = 0): boolean {
  if (version.major !== major) return version.major > major;
  return version.minor > minor || (version.minor === minor && version.patch >= patch);
}
