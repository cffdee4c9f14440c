import { allows } from "../specifier.ts";

/** From which version on a package takes no Python 3 before this one, the latest first. */
const needs: Record<string, [from: string, minor: number][]> = {
  // Release notes, in the order of the versions here: Django's FAQ, "What Python version can I use with Django?"; Click
  // 8.2.0; NumPy 2.3.0 and 2.1.0; pandas 3.0.0; SciPy 1.16.0 and 1.14.0; NetworkX 3.5 and 3.3; IPython 9.0 and 8.19;
  // scikit-learn 1.8 and 1.7; Matplotlib 3.10.0.
  django: [
    ["6", 12],
    ["5", 10],
  ],
  click: [["8.2", 10]],
  numpy: [
    ["2.3", 11],
    ["2.1", 10],
  ],
  pandas: [["3", 11]],
  scipy: [
    ["1.16", 11],
    ["1.14", 10],
  ],
  networkx: [
    ["3.5", 11],
    ["3.3", 10],
  ],
  ipython: [
    ["9", 11],
    ["8.19", 10],
  ],
  "scikit-learn": [
    ["1.8", 11],
    ["1.7", 10],
  ],
  matplotlib: [["3.10", 10]],
  // `Requires-Python` of these very versions; earlier ones may need it too.
  aiohttp: [["3.14.3", 10]],
  anyio: [["4.15.1", 10]],
  boto3: [["1.43.107", 10]],
  botocore: [["1.43.107", 10]],
  fastapi: [["0.142.2", 10]],
  gunicorn: [["26.2.0", 10]],
  markdown: [["3.11", 11]],
  pillow: [["12.3.0", 10]],
  psycopg: [["3.3.6", 10]],
  "psycopg2-binary": [["2.9.13", 10]],
  "python-dotenv": [["1.2.4", 10]],
  redis: [["8.1.0", 10]],
  requests: [["2.34.2", 10]],
  sqlalchemy: [["2.1.1", 11]],
  starlette: [["1.7.0", 10]],
  urllib3: [["2.8.0", 10]],
  uvicorn: [["0.54.0", 10]],
  websockets: [
    ["17.1", 11],
    ["16.1.1", 10],
  ],
};

/** The least Python 3 that the versions in these requirements run on, and what of them asks for it. */
export function neededByPackages(requirements: ReadonlyMap<string, string>): { atLeast: number; why: string } {
  let least = { atLeast: 0, why: "" };
  for (const [name, line] of requirements) {
    const [requirement = "", marker = ""] = line.split(";");
    // Another line may be there for another Python.
    if (!Object.hasOwn(needs, name) || /\bpython_(full_)?version\b/.test(marker)) continue;
    const version = /(?:==|>=|~=)\s*(\d[\d.]*)/.exec(requirement)?.[1];
    const atLeast = needs[name]?.find(([from]) => version && allows(`>=${from}`, version))?.[1] ?? 0;
    if (atLeast > least.atLeast) least = { atLeast, why: `${name} ${version}` };
  }
  return least;
}

/** Whether any of these requirements is one version alone. */
export function hasPins(requirements: ReadonlyMap<string, string>): boolean {
  return [...requirements.values()].some((line) => /^[^;]*==\s*\d/.test(line));
}
