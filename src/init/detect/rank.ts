import type { PythonApp } from "../python/apps.ts";
import type { Protocol } from "../python/frameworks.ts";

/** How usual it is to find the app in a module of this name. */
const modules: Record<Protocol, Record<string, number>> = {
  wsgi: { wsgi: 30, app: 26, application: 25, main: 24, __init__: 20, server: 18, index: 16, run: 16, web: 14 },
  asgi: { asgi: 30, main: 28, app: 26, application: 25, __init__: 20, server: 18, run: 16, api: 16, web: 14 },
};
const callables: Record<string, number> = { app: 10, application: 10, create_app: 8, make_app: 6, server: 5, api: 4 };
const notForServing =
  /(^|_)(tests?|conftest|mock|fake|demo|example|sample|setup|tasks|celery|worker|cli|debug)(_|$|\d)/;

/** How probable it is that an application is the one to be served. What cannot be called is far behind. */
export function rankOf({ file, root, reference, framework, factory, required }: PythonApp): number {
  const stem = file.replace(/^.*\//, "").replace(/\.py$/, "");
  const [module = "", name = ""] = reference.split(":");
  const depth = root ? root.split("/").length : 0;
  return (
    100 +
    (modules[framework.protocol][stem] ?? 8) +
    (callables[name.split(".")[0] ?? ""] ?? 0) -
    (factory ? 12 : 0) -
    (required > 0 ? 60 : 0) -
    (notForServing.test(stem) ? 40 : 0) -
    depth * 4 -
    module.split(".").length * 2
  );
}
