import type { Project } from "../project.ts";
import { closing, dotted } from "../python/expression.ts";
import { qualified } from "../python/names.ts";
import { moduleBelow } from "../python/packages.ts";
import type { Token } from "../python/tokens.ts";
import { type HealthCheck, mayRedirect } from "./routes.ts";

interface Route {
  path: string;
  /** Whether it is known to lead elsewhere. */
  redirects: boolean;
  /** Whether another URLconf tells what is below it. */
  includes: boolean;
}

/** Paths that by their name tell how an app is, as Django writes them. */
const health = /^(_?health|healthz|health[-_]?check|ht|ping|up|status)\/?$/;

/** What the health check is to ask a Django project for, undefined for `/`, and what to tell about it. */
export function djangoHealthCheck(project: Project, root: string, urls: string | undefined): HealthCheck {
  const routes = routesOf(project, root, urls);
  const top = routes?.find(({ path }) => path === "");
  const made = routes?.find(({ path, redirects }) => !redirects && health.test(path));
  if (!routes || (top && !top.redirects && !top.includes)) return { healthPath: undefined, notes: [] };
  if (top?.includes) return { healthPath: made && `/${made.path}`, notes: [] };
  const healthPath = made
    ? `/${made.path}`
    : routes.some(({ path }) => path === "admin/")
      ? "/admin/login/"
      : undefined;
  const why = top ? "/ redirects" : "no route for / was seen";
  if (healthPath)
    return { healthPath, notes: [`The health check asks for ${healthPath}: ${why}. --health-path names another.`] };
  const note = "/ redirects, and the health check wants 200 from its path: name one with --health-path.";
  return { healthPath, notes: top ? [note] : [] };
}

/** The routes of the root URLconf, as far as they are strings; undefined where it was not found. */
function routesOf(project: Project, root: string, module: string | undefined): Route[] | undefined {
  const file = module && moduleBelow(project, root, module);
  const patterns = file ? project.module(file).assigned.get("urlpatterns") : undefined;
  if (!file || !patterns) return undefined;
  const { tokens } = patterns;
  return tokens.flatMap(({ text }, at) => {
    const value = tokens[at + 2]?.value;
    if (!["path", "re_path", "url"].includes(text) || tokens[at + 1]?.text !== "(" || value === undefined) return [];
    const view = tokens.slice(at + 4, closing(tokens, at + 1));
    const path = value.replace(/^\^/, "").replace(/\$$/, "");
    return [{ path, redirects: leadsAway(project, file, view), includes: view[0]?.text === "include" }];
  });
}

function leadsAway(project: Project, file: string, view: readonly Token[]): boolean {
  if (view.some(({ text }) => ["RedirectView", "redirect", "login_required"].includes(text))) return true;
  const place = qualified(project, file, dotted(view, 0)[0]);
  const read = "file" in place ? project.module(place.file).functions.get(place.name) : undefined;
  return read !== undefined && mayRedirect(read);
}
