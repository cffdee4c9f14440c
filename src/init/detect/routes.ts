import { below, type Project } from "../project.ts";
import type { PythonApp } from "../python/apps.ts";
import type { Call, PythonFunction } from "../python/module.ts";
import { prefixesIn } from "./prefixes.ts";

/** Paths that by their name tell how an app is. */
const health = /^\/(api\/|_)?(health|healthz|health[-_]?check|livez|readyz|ping|up|status|heartbeat)\/?$/;

/** A path that is served, and whether it is known to answer a stranger by itself. */
interface Route {
  path: string;
  redirects: boolean;
}

/** What the load balancer is to ask for, undefined for `/`, and what to tell about it. */
export interface HealthCheck {
  healthPath: string | undefined;
  notes: string[];
}

/**
 * `/` where the app's own routes have it, else one that is made for health checks, else `/` where another file may serve
 * it or nothing is `known`, else `documentation`.
 */
export function healthCheck(
  project: Project,
  { file, root, made }: PythonApp,
  { known, documentation }: { known: boolean; documentation?: string | undefined },
): HealthCheck {
  const routes = routesOf(project, made);
  const top = routes.filter(({ path }) => path === "/");
  const isServed = top.some(({ redirects }) => !redirects);
  const own = isServed ? undefined : routes.find(({ path, redirects }) => health.test(path) && !redirects)?.path;
  if (isServed || own) return { healthPath: own, notes: [] };
  if (top.length > 0) return { healthPath: documentation, notes: [redirectNote(file, documentation)] };
  const sources = below(project, root).filter((each) => each.endsWith(".py"));
  if (!known || mayServeRoot(project, sources)) return { healthPath: undefined, notes: [] };
  return { healthPath: documentation, notes: [noRootNote(file, documentation)] };
}

const serves = ["route", "get", "api_route", "add_url_rule", "add_api_route", "add_route"];

/** The paths that an app's own file serves on it, without those with parameters. */
function routesOf(project: Project, { file, name }: PythonApp["made"]): Route[] {
  return project.module(file).calls.flatMap((call) => {
    const [receiver, method = ""] = call.path.split(".");
    return receiver === name && serves.includes(method) ? routeOf(call) : [];
  });
}

function routeOf(call: Call): Route[] {
  const path = call.args?.[0]?.string ?? call.keywords.get("path")?.string ?? call.keywords.get("rule")?.string;
  const methods = call.keywords.get("methods")?.tokens;
  const gets = !methods || methods.some(({ value }) => value?.toUpperCase() === "GET");
  const redirects = call.decorated !== undefined && mayRedirect(call.decorated);
  return path !== undefined && gets && !/[<{]/.test(path) ? [{ path, redirects }] : [];
}

/** Whether a function answers somebody who is not logged in by leading them elsewhere. */
export function mayRedirect({ returns, decorators }: PythonFunction): boolean {
  const leadsAway = returns.some(({ path }) => /^(.+\.)?(redirect|RedirectResponse|HttpResponseRedirect)$/.test(path));
  return leadsAway || decorators.some(({ path }) => path.endsWith("login_required"));
}

/** Whether any of these files may serve `/`: a route of that path on what has no prefix of its own. */
function mayServeRoot(project: Project, files: readonly string[]): boolean {
  const isPrefixed = prefixesIn(project, files);
  return files.some((file) => {
    if (!/["']\/?["']/.test(project.text(file))) return false;
    return project.module(file).calls.some((call) => {
      const [receiver = "", method = ""] = call.path.split(".");
      const isRoot = serves.includes(method) && routeOf(call).some(({ path }) => path === "/" || path === "");
      return isRoot && !isPrefixed(file, receiver);
    });
  });
}

function noRootNote(where: string, documentation: string | undefined): string {
  return documentation
    ? `${where} has no route for /: the health check asks for ${documentation}, FastAPI's own. Better name one of yours with --health-path.`
    : `${where} has no route for / that could be seen. The health check wants 200 from its path: name one with --health-path.`;
}

function redirectNote(where: string, documentation: string | undefined): string {
  return documentation
    ? `/ in ${where} redirects: the health check asks for ${documentation}, FastAPI's own. Better name one of yours with --health-path.`
    : `/ in ${where} redirects, and the health check wants 200 from its path: name one with --health-path.`;
}
