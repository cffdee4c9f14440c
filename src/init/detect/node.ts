import type { Project } from "../project.ts";
import type { Candidate } from "./candidate.ts";

interface PackageJson {
  scripts?: { start?: unknown };
  main?: unknown;
  dependencies?: object;
}

/** A Node.js app: the start script of package.json, or `server.js`, which npm starts without one (npm docs, "npm-start"). */
export function nodeCandidates(project: Project): Candidate[] {
  const file = "package.json";
  if (!project.has(file)) return [];
  const { scripts } = read(project.text(file));
  const start = typeof scripts?.start === "string" ? scripts.start : undefined;
  const command = start ?? (project.has("server.js") ? "node server.js" : undefined);
  if (command === undefined) return [];
  return [
    {
      framework: "Node.js",
      where: file,
      folder: "",
      serve: { by: "command", command, python: false },
      rank: 60,
      packages: ["nodejs"],
      notes: dependencyNotes(project),
    },
  ];
}

/** What to tell of the packages that an app wants of npm. */
export function dependencyNotes(project: Project): string[] {
  const missing = Object.keys(read(project.text("package.json")).dependencies ?? {}).length;
  if (missing === 0) return [];
  return [
    `package.json has ${missing} dependencies. Nothing installs them on the machines, and node_modules is not part of the app: bundle it into one file first (esbuild --bundle --platform=node) and start that.`,
  ];
}

function read(text: string): PackageJson {
  try {
    return (JSON.parse(text) as PackageJson | null) ?? {};
  } catch {
    return {};
  }
}
