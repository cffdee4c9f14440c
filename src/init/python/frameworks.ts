/** What a server takes an object for (PEP 3333; asgi.readthedocs.io). */
export type Protocol = "wsgi" | "asgi";

/** What a call gives that makes an application. */
export interface Framework {
  name: string;
  protocol: Protocol;
  /** Where the callable is, when the object itself is none. */
  attribute?: string;
}

const known: Record<string, Framework> = {
  "flask.Flask": { name: "Flask", protocol: "wsgi" },
  "apiflask.APIFlask": { name: "APIFlask", protocol: "wsgi" },
  "flask_openapi3.OpenAPI": { name: "Flask", protocol: "wsgi" },
  "dash.Dash": { name: "Dash", protocol: "wsgi", attribute: "server" },
  "bottle.Bottle": { name: "Bottle", protocol: "wsgi" },
  "bottle.default_app": { name: "Bottle", protocol: "wsgi" },
  "falcon.App": { name: "Falcon", protocol: "wsgi" },
  "falcon.API": { name: "Falcon", protocol: "wsgi" },
  "falcon.asgi.App": { name: "Falcon", protocol: "asgi" },
  "django.core.wsgi.get_wsgi_application": { name: "Django", protocol: "wsgi" },
  "django.core.asgi.get_asgi_application": { name: "Django", protocol: "asgi" },
  "channels.routing.ProtocolTypeRouter": { name: "Django", protocol: "asgi" },
  "fastapi.FastAPI": { name: "FastAPI", protocol: "asgi" },
  "starlette.applications.Starlette": { name: "Starlette", protocol: "asgi" },
  "quart.Quart": { name: "Quart", protocol: "asgi" },
  "litestar.Litestar": { name: "Litestar", protocol: "asgi" },
  "blacksheep.Application": { name: "BlackSheep", protocol: "asgi" },
  "sanic.Sanic": { name: "Sanic", protocol: "asgi" },
};

/** What stands before another application, or turns one protocol into the other; the argument is what it stands for. */
const wrappers: Record<string, Protocol> = {
  "a2wsgi.ASGIMiddleware": "wsgi",
  "a2wsgi.WSGIMiddleware": "asgi",
  "asgiref.wsgi.WsgiToAsgi": "asgi",
  "socketio.WSGIApp": "wsgi",
  "socketio.ASGIApp": "asgi",
  "werkzeug.middleware.proxy_fix.ProxyFix": "wsgi",
  "werkzeug.middleware.dispatcher.DispatcherMiddleware": "wsgi",
  "whitenoise.WhiteNoise": "wsgi",
};

/** The packages that frameworks come in. */
export const frameworkPackages = [
  ...new Set([...Object.keys(known), ...Object.keys(wrappers)].map((name) => name.split(".")[0] ?? "")),
  "pyramid",
];

/** The framework whose application a name of an installed package makes: `flask.Flask`. */
export function frameworkOf(name: string): Framework | undefined {
  if (Object.hasOwn(known, name)) return known[name];
  // A package's own module, like flask.app.Flask.
  const short = `${name.split(".")[0]}.${name.split(".").at(-1)}`;
  if (Object.hasOwn(known, short)) return known[short];
  // Pyramid's configurator is an object; what its method gives is the application.
  return name.endsWith(".make_wsgi_app") ? { name: "Pyramid", protocol: "wsgi" } : undefined;
}

/** The protocol of what wraps an application. */
export function wrapperOf(name: string): Protocol | undefined {
  return Object.hasOwn(wrappers, name) ? wrappers[name] : undefined;
}
