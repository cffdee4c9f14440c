import type { OperatingSystem } from "../bake/order.ts";
import type { PythonNeed } from "./python/version.ts";

/** The Python 3 of each system, the preferred system first (Amazon Linux 2023 user guide, "Python in AL2023"; Debian and Ubuntu packages). */
const systems: [OperatingSystem, minor: number][] = [
  ["amazon-linux-2023", 9],
  ["ubuntu-24.04", 12],
  ["debian-12", 11],
];

/** The config's own default. */
export const usualSystem: OperatingSystem = "amazon-linux-2023";

/** The system whose Python suits an app, and what to tell about it. */
export function systemFor({ atLeast, below, why }: PythonNeed): { os: OperatingSystem; note?: string } {
  const fit = systems.find(([, minor]) => minor >= atLeast && minor < below);
  if (fit) {
    const [os, minor] = fit;
    if (os === usualSystem) return { os };
    return { os, note: `System: ${os} with Python 3.${minor}: ${why} asks for ${wanted(atLeast, below)}.` };
  }
  const os = below <= 9 ? usualSystem : "ubuntu-24.04";
  const has = systems.find(([name]) => name === os)?.[1];
  return {
    os,
    note: `System: ${os}. It has Python 3.${has}, and ${why} asks for ${wanted(atLeast, below)}, which no system here has.`,
  };
}

function wanted(atLeast: number, below: number): string {
  const least = atLeast > 0 ? `3.${atLeast} or later` : "";
  const most = Number.isFinite(below) ? `before 3.${below}` : "";
  return [least, most].filter(Boolean).join(", ");
}

/** What to tell of versions that were chosen for a Python that nobody has told. */
export function pinsNote(os: OperatingSystem): string {
  const minor = systems.find(([name]) => name === os)?.[1];
  return `The requirements pin versions, and nothing says for which Python: ${os} has 3.${minor}. If one of them needs a later one, name yours in .python-version, or a system by --os.`;
}
