import { folderOf, inFolder, type Project, upwards } from "../project.ts";
import type { PythonApp } from "../python/apps.ts";
import type { Expression } from "../python/expression.ts";
import { moduleBelow, moduleFile } from "../python/packages.ts";
import type { Candidate } from "./candidate.ts";
import { djangoHealthCheck } from "./django-urls.ts";

/** A Django project: what `get_wsgi_application` or `get_asgi_application` gives, and what its settings say. */
export function djangoCandidate(project: Project, app: PythonApp): Candidate {
  const { file, framework, made, reference } = app;
  const root = upwards(folderOf(file)).find((folder) => project.has(inFolder(folder, "manage.py"))) ?? app.root;
  const module = file
    .slice(root ? root.length + 1 : 0)
    .replace(/\.py$/, "")
    .replaceAll("/", ".");
  const settings = readSettings(project, root, settingsModule(project, made.file, inFolder(root, "manage.py")));
  const async = settings.installs("daphne") || settings.installs("channels");
  const preferred = framework.protocol === (async ? "asgi" : "wsgi");
  const { healthPath, notes } = djangoHealthCheck(project, root, settings.string("ROOT_URLCONF"));
  const depth = root ? root.split("/").length : 0;
  return {
    framework: "Django",
    where: file,
    folder: root,
    serve: { by: framework.protocol, reference: `${module}:${reference.split(":")[1]}`, factory: false },
    rank: (preferred ? 150 : 120) - depth * 4,
    healthPath,
    notes: [
      ...settings.allowedHostsNote(),
      ...settings.redirectNote(),
      ...notes,
      "collectstatic and migrate are not run: serve static files with WhiteNoise or from elsewhere, and migrate by hand.",
    ],
  };
}

/** Whether a setting is true, by itself or where a variable does not say otherwise. */
function isTrue({ tokens, args, keywords }: Expression): boolean {
  const [first, ...more] = (keywords.get("default") ?? args?.[1])?.tokens ?? (args ? [] : tokens);
  return more.length === 0 && /^(true|1|yes|on)$/i.test(first?.value ?? first?.text ?? "");
}

/** The settings that the server's module chooses, else those that manage.py does. */
function settingsModule(project: Project, ...files: string[]): string | undefined {
  for (const file of files) {
    for (const { path, args } of project.has(file) ? project.module(file).calls : []) {
      if (path === "os.environ.setdefault" && args?.[0]?.string === "DJANGO_SETTINGS_MODULE") return args[1]?.string;
    }
    const lines = project.has(file) ? project.module(file).lines : [];
    for (const { tokens } of lines) {
      const at = tokens.findIndex(({ value }) => value === "DJANGO_SETTINGS_MODULE");
      const given = tokens.slice(at + 1).find(({ kind }) => kind === "string");
      if (at >= 0 && given?.value) return given.value;
    }
  }
  return undefined;
}

/** Settings by name, those of the module before those that it takes over by `from … import *`. */
function readSettings(project: Project, root: string, module: string | undefined) {
  const files: string[] = [];
  const first = module && moduleBelow(project, root, module);
  const open = first ? [first] : [];
  for (let file = open.shift(); file !== undefined; file = open.shift()) {
    if (files.includes(file)) continue;
    files.push(file);
    const { stars } = project.module(file);
    open.unshift(...stars.toReversed().flatMap((from) => moduleFile(project, file, from) ?? []));
  }
  const find = (name: string): { value: Expression; file: string } | undefined => {
    const file = files.find((each) => project.module(each).assigned.has(name));
    const value = file === undefined ? undefined : project.module(file).assigned.get(name);
    return file !== undefined && value ? { value, file } : undefined;
  };
  return {
    string: (name: string) => find(name)?.value.string,
    installs: (name: string) =>
      ["INSTALLED_APPS", "DJANGO_APPS", "THIRD_PARTY_APPS"].some((each) =>
        find(each)?.value.tokens.some(({ value }) => value === name),
      ),
    /** Django answers 400 to a request by a name that is not allowed ("Settings", ALLOWED_HOSTS). */
    allowedHostsNote(): string[] {
      const found = find("ALLOWED_HOSTS");
      if (found?.value.tokens.some(({ value }) => value === "*")) return [];
      const why = "health checks ask by a machine's address, to which Django answers 400 unless it is allowed";
      if (!found) return [`ALLOWED_HOSTS was not found in the settings: ${why}. "*" allows it.`];
      const variable = found.value.args?.[0]?.string ?? found.value.keywords.get("default")?.string;
      const how = variable ? `set it by app.env, ${variable} to *` : 'put "*" into it';
      return [
        `ALLOWED_HOSTS in ${found.file} does not hold "*": ${why}. Only the load balancer can reach the machines; ${how}, or check the host in a middleware.`,
      ];
    },
    /** Django answers 301 to what comes by HTTP ("Settings", SECURE_SSL_REDIRECT), as health checks do. */
    redirectNote(): string[] {
      const found = find("SECURE_SSL_REDIRECT");
      if (!found || !isTrue(found.value) || find("SECURE_REDIRECT_EXEMPT")) return [];
      const variable = found.value.args?.[0]?.string;
      const how = variable ? `set it by app.env, ${variable} to False` : "turn it off";
      return [
        `SECURE_SSL_REDIRECT in ${found.file} is on: health checks come by HTTP, and Django answers each with 301. ${how[0]?.toUpperCase()}${how.slice(1)}, or put the health path into SECURE_REDIRECT_EXEMPT.`,
      ];
    },
  };
}
