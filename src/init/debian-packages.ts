import { execa } from "execa";
import { readPackageIndex } from "../sandbox/machine/package-hosts.ts";
import { allows } from "./specifier.ts";

/**
 * Where this machine reaches no Python package index, the sandbox's machines reach none either: then the app's
 * requirements come from Debian's own packages, as far as Debian has them. Empty where an index answers.
 */
export async function packagesWithoutIndex(
  needs: ReadonlyMap<string, string>,
): Promise<{ packages: string[]; missing: string[] } | undefined> {
  const index = await readPackageIndex();
  if (needs.size === 0 || index === undefined || (await answers(index))) return undefined;
  const found = await Promise.all(
    [...needs.keys()].map(async (name) => {
      const debian = debianName(name);
      const version = name === "." ? undefined : await candidate(debian);
      return { name, debian, fits: version !== undefined && allows(needs.get(name) ?? "", version) };
    }),
  );
  return {
    packages: found.filter(({ fits }) => fits).map((each) => each.debian),
    missing: found.filter(({ fits }) => !fits).map(({ name }) => needs.get(name) ?? name),
  };
}

async function answers(index: string): Promise<boolean> {
  // A proxy's business: it is not asked here.
  if (["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].some((name) => process.env[name])) return true;
  try {
    await fetch(index, { method: "HEAD", signal: AbortSignal.timeout(3000) });
    return true;
  } catch {
    return false;
  }
}

/** Names that do not follow the rule ("Module Package Names", Debian Python policy): python3- and what is imported. */
const unusual: Record<string, string> = {
  beautifulsoup4: "python3-bs4",
  daphne: "daphne",
  gunicorn: "gunicorn",
  hypercorn: "hypercorn",
  pillow: "python3-pil",
  "psycopg2-binary": "python3-psycopg2",
  "python-dotenv": "python3-dotenv",
  "python-dateutil": "python3-dateutil",
  pyyaml: "python3-yaml",
  uvicorn: "uvicorn",
};

function debianName(name: string): string {
  return unusual[name] ?? `python3-${name}`;
}

/** The version that this machine's package sources, which are the machines' too, have of a package. */
async function candidate(name: string): Promise<string | undefined> {
  const { stdout = "" } = await execa("apt-cache", ["policy", name], { reject: false, env: { LC_ALL: "C" } });
  return /^\s*Candidate:\s*(?:\d+:)?(\d[\w.]*)/m.exec(stdout)?.[1];
}
