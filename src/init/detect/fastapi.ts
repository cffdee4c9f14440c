import { parse } from "smol-toml";
import type { Project } from "../project.ts";
import type { PythonApp } from "../python/apps.ts";
import type { Candidate } from "./candidate.ts";
import { needsArguments } from "./flask.ts";
import { rankOf } from "./rank.ts";
import { healthRoute, noRootNote, ownRoutes } from "./routes.ts";

/** FastAPI, and what else is served by ASGI, but Django. */
export function asgiCandidate(project: Project, app: PythonApp): Candidate {
  const { file, root, reference, framework, factory, made } = app;
  const routes = ownRoutes(project, app);
  const known = framework.name === "FastAPI" || framework.name === "Quart";
  const seen = !known || routes.includes("/");
  // FastAPI serves its documentation there unless it is told not to.
  const documentation = framework.name === "FastAPI" && made.call && !made.call.keywords.has("docs_url");
  const own = seen ? undefined : healthRoute(routes);
  const notes: string[] = [];
  if (!seen && !own)
    notes.push(
      documentation
        ? `${file} has no route for /: the health check asks for /docs, FastAPI's own. Better name one of yours with --health-path.`
        : noRootNote(file),
    );
  return {
    framework: framework.name,
    where: file,
    folder: root,
    serve: { by: "asgi", reference, factory },
    rank: rankOf(app) + (isEntryPoint(project, reference) ? 40 : 0),
    healthPath: seen ? undefined : (own ?? (documentation ? "/docs" : undefined)),
    ...needsArguments(app),
    notes,
  };
}

/** Whether pyproject.toml names it (`tool.fastapi.entrypoint`, FastAPI documentation, "FastAPI CLI"). */
function isEntryPoint(project: Project, reference: string): boolean {
  try {
    const { tool } = parse(project.text("pyproject.toml")) as { tool?: { fastapi?: { entrypoint?: unknown } } };
    return tool?.fastapi?.entrypoint === reference;
  } catch {
    return false;
  }
}
