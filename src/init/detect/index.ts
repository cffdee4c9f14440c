import { below, type Project } from "../project.ts";
import { appsIn, type PythonApp } from "../python/apps.ts";
import type { Candidate } from "./candidate.ts";
import { djangoCandidate } from "./django.ts";
import { asgiCandidate } from "./fastapi.ts";
import { wsgiCandidate } from "./flask.ts";
import { nodeCandidates } from "./node.ts";
import { procfileCandidates } from "./procfile.ts";
import { surroundings } from "./surroundings.ts";

/** The apps of a project, the most probable first. Nothing of it is run: its files are read. */
export function detectApps(project: Project): Candidate[] {
  const python = below(project, "")
    .filter((file) => file.endsWith(".py"))
    .flatMap((file) => appsIn(project, file));
  const apps = oneEach(python.map((app) => ({ app, candidate: candidateOf(project, app) })));
  const commands = procfileCandidates(project).map((candidate) => withAppOf(candidate, apps));
  const found = [...commands, ...apps, ...nodeCandidates(project)].sort((a, b) => b.rank - a.rank);
  return found.map((each) => ({ ...each, notes: [...each.notes, ...surroundings(project, each)] }));
}

/** A command with what is known of the app that it names. */
function withAppOf(candidate: Candidate, apps: readonly Candidate[]): Candidate {
  const { serve, notes } = candidate;
  const words = serve.by === "command" ? serve.command.split(/[\s'"()]+/) : [];
  const named = apps.find(
    ({ serve: each }) => each.by !== "command" && words.some((word) => names(word, each.reference)),
  );
  return named ? { ...candidate, healthPath: named.healthPath, notes: [...notes, ...named.notes] } : candidate;
}

/** Whether a word of a command means this app: `site.wsgi:application`, or `site.wsgi` alone. */
function names(word: string, reference: string): boolean {
  return word === reference || word === reference.split(":")[0];
}

function candidateOf(project: Project, app: PythonApp): Candidate {
  if (app.framework.name === "Django") return djangoCandidate(project, app);
  return app.framework.protocol === "wsgi" ? wsgiCandidate(project, app) : asgiCandidate(project, app);
}

/** Of several names of one application the best: `wsgi:app`, not also the `app` that it imports and the function that made it. */
function oneEach(found: readonly { app: PythonApp; candidate: Candidate }[]): Candidate[] {
  const best = new Map<string, Candidate>();
  for (const { app, candidate } of found) {
    const key = `${app.made.file}:${app.made.name}`;
    const other = best.get(key);
    if (!other || other.rank < candidate.rank) best.set(key, candidate);
  }
  return [...best.values()];
}

/** What was looked for, for somebody whose app was not found. */
export const lookedFor =
  "a Flask, Django, FastAPI or other WSGI or ASGI app in Python, a web line in a Procfile, a start script in package.json";

/** The sign of another language's project, with what it is called. */
const others: [file: RegExp, language: string][] = [
  [/^go\.mod$/, "Go"],
  [/^Cargo\.toml$/, "Rust"],
  [/^(pom\.xml|build\.gradle(\.kts)?)$/, "Java"],
  [/^Gemfile$/, "Ruby"],
  [/^composer\.json$/, "PHP"],
  [/\.(csproj|fsproj)$/, ".NET"],
  [/^mix\.exs$/, "Elixir"],
];

/** The language of a project that no command is known for. */
export function otherLanguage(project: Project): string | undefined {
  return others.find(([pattern]) => project.files.some((file) => !file.includes("/") && pattern.test(file)))?.[1];
}
