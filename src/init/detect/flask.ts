import type { Project } from "../project.ts";
import type { PythonApp } from "../python/apps.ts";
import type { Candidate } from "./candidate.ts";
import { rankOf } from "./rank.ts";
import { healthCheck } from "./routes.ts";

/** Flask, and what else is served by WSGI, but Django. */
export function wsgiCandidate(project: Project, app: PythonApp): Candidate {
  const { file, root, reference, framework, factory } = app;
  const { healthPath, notes } = healthCheck(project, app, { known: framework.name.includes("Flask") });
  return {
    framework: framework.name,
    where: file,
    folder: root,
    serve: { by: "wsgi", reference, factory },
    rank: rankOf(app) + (isNamed(project, app) ? 40 : 0),
    healthPath,
    ...needsArguments(app),
    notes: [
      ...(runsAtImport(project, app)
        ? [`${file} calls run() as it is imported: put it below if __name__ == "__main__".`]
        : []),
      ...notes,
    ],
  };
}

/** Why a factory is refused that a server cannot call by itself. */
export function needsArguments({ file, reference, required }: PythonApp): Pick<Candidate, "refused"> {
  if (required === 0) return {};
  const name = reference.split(":")[1];
  return {
    refused: `${name} in ${file} cannot be called without arguments: write a module that calls it, like wsgi.py with app = ${name}(…), and name that.`,
  };
}

/** Whether `FLASK_APP` names it, in the file that Flask reads it from (Flask documentation, "Environment Variables From dotenv"). */
function isNamed(project: Project, { file, root, reference }: PythonApp): boolean {
  const told = /^[ \t]*(?:export\s+)?FLASK_APP\s*=\s*["']?([\w./-]+)/m.exec(project.text(".flaskenv"))?.[1];
  if (told === undefined) return false;
  const inRoot = root ? file.slice(root.length + 1) : file;
  const module = told.replace(/\.py$/, "").replaceAll("/", ".");
  return told === inRoot || reference.split(":")[0] === module;
}

function runsAtImport(project: Project, { file, made }: PythonApp): boolean {
  return project
    .module(file)
    .calls.some(({ path, within, decorates }) => path === `${made.name}.run` && within === undefined && !decorates);
}
