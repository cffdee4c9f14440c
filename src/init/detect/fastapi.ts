import { parse } from "smol-toml";
import type { Project } from "../project.ts";
import type { PythonApp } from "../python/apps.ts";
import type { Expression } from "../python/expression.ts";
import type { Candidate } from "./candidate.ts";
import { needsArguments } from "./flask.ts";
import { rankOf } from "./rank.ts";
import { healthCheck } from "./routes.ts";

/** FastAPI, and what else is served by ASGI, but Django. */
export function asgiCandidate(project: Project, app: PythonApp): Candidate {
  const { file, root, reference, framework, factory, made } = app;
  const known = framework.name === "FastAPI" || framework.name === "Quart";
  const documentation = framework.name === "FastAPI" && servesDocumentation(made.call) ? "/docs" : undefined;
  return {
    framework: framework.name,
    where: file,
    folder: root,
    serve: { by: "asgi", reference, factory },
    rank: rankOf(app) + (isEntryPoint(project, reference) ? 40 : 0),
    ...healthCheck(project, app, { known, documentation }),
    ...needsArguments(app),
  };
}

/** Whether FastAPI serves its documentation at /docs, as it does unless it is told not to ("Metadata and Docs URLs"). */
function servesDocumentation(call: Expression | undefined): boolean {
  if (!call || call.keywords.has("docs_url") || call.args?.some(({ tokens }) => tokens[0]?.text === "**")) return false;
  const schema = call.keywords.get("openapi_url");
  return !schema || schema.tokens[0]?.kind === "string";
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
