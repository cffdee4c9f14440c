import type { Project } from "../project.ts";
import type { PythonApp } from "../python/apps.ts";
import type { Call } from "../python/module.ts";

/** Paths that by their name tell how an app is. */
const health = /^\/(api\/|_)?(health|healthz|health[-_]?check|livez|readyz|ping|up|status|heartbeat)\/?$/;

/** The paths that an app's own file serves on it, without those with parameters. */
export function ownRoutes(project: Project, { made }: PythonApp): string[] {
  return project.module(made.file).calls.flatMap((call) => {
    const [receiver, method = ""] = call.path.split(".");
    return receiver === made.name && serves.includes(method) ? routeOf(call) : [];
  });
}

const serves = ["route", "get", "api_route", "add_url_rule", "add_api_route", "add_route"];

function routeOf(call: Call): string[] {
  const path = call.args?.[0]?.string ?? call.keywords.get("path")?.string ?? call.keywords.get("rule")?.string;
  const methods = call.keywords.get("methods")?.tokens;
  const gets = !methods || methods.some(({ value }) => value?.toUpperCase() === "GET");
  return path !== undefined && gets && !/[<{]/.test(path) ? [path] : [];
}

/** The route that looks made for health checks. */
export function healthRoute(paths: readonly string[]): string | undefined {
  return paths.find((path) => health.test(path));
}

/** Whether anything below a folder may serve `/`: a route of that path on what has no prefix of its own. */
export function mayServeRoot(project: Project, files: readonly string[]): boolean {
  return files.some((file) => {
    if (!/["']\/?["']/.test(project.text(file))) return false;
    const { calls, assigned } = project.module(file);
    return calls.some((call) => {
      const [receiver = "", method = ""] = call.path.split(".");
      const prefix = assigned.get(receiver)?.keywords;
      if (!serves.includes(method) || prefix?.has("url_prefix") || prefix?.has("prefix")) return false;
      return routeOf(call).some((path) => path === "/" || path === "");
    });
  });
}

export function noRootNote(where: string): string {
  return `${where} has no route for / that could be seen. The health check wants 200 from its path: name one with --health-path.`;
}
