import { quoted } from "../quoted.ts";
import type { Candidate, Serve } from "./detect/candidate.ts";
import { inFolder, type Project } from "./project.ts";
import {
  brings,
  findRequirements,
  ownFile,
  pipRequirements,
  type Requirements,
  requirementName,
} from "./requirements.ts";

/** How an app that was found is put into a config, and what else has to be written for it. */
export interface Launch {
  app: {
    path: string;
    module?: string;
    command?: string;
    requirements?: string;
    packages?: string[];
    exclude?: string[];
  };
  /** A requirements file to write, relative to the project's root. */
  write?: { file: string; text: string };
  /** What pip has to bring, by normalised name. */
  needs: ReadonlyMap<string, string>;
  notes: string[];
}

/**
 * The app's part of a config. Waitress comes with multivac where it is given a module; any other server, and what the
 * app itself needs, has to be among its requirements: where they lack it, a requirements file is added that names both.
 */
export function launchOf(
  project: Project,
  candidate: Candidate,
  given: { requirements?: string | undefined } = {},
): Launch {
  const { folder, serve, packages } = candidate;
  const requirements =
    given.requirements === undefined
      ? findRequirements(project, folder)
      : pipRequirements(project, folder, given.requirements);
  const top = requirements?.folder ?? folder;
  const inside = folder.slice(top ? top.length + 1 : 0);
  const odd = serve.by !== "command" && isOdd(project, folder, serve.reference);
  const module = inside === "" && serve.by === "wsgi" && !serve.factory && !odd ? serve.reference : undefined;
  const server = module ? undefined : serverOf(serve, requirements, odd);
  const command = module ? undefined : commandOf(serve, server, inside);
  const python = serve.by !== "command" || serve.python || requirements !== undefined;
  const own = python ? keptOr(project, top, requirementsFile(project, candidate, requirements, server)) : {};
  const exclude = project.environments.flatMap((each) => {
    if (!inFolder(each, "").startsWith(top ? `${top}/` : "")) return [];
    return [`/${each.slice(top ? top.length + 1 : 0)}`];
  });
  const file = own.file ?? (requirements?.pip ? requirements.file : undefined);
  return {
    app: {
      path: top ? top : ".",
      ...(module ? { module } : { command: command ?? "" }),
      ...(file ? { requirements: file } : {}),
      ...(packages ? { packages } : {}),
      ...(exclude.length > 0 ? { exclude } : {}),
    },
    ...(own.text !== undefined ? { write: { file: inFolder(top, own.file ?? ""), text: own.text } } : {}),
    needs: new Map([...(requirements?.lines ?? []), ...(own.added ?? []).map((name) => [name, name] as const)]),
    notes: own.notes ?? [],
  };
}

/** Whether a module that is there has a name that is no name in Python, like `flask-app`. */
function isOdd(project: Project, folder: string, reference: string): boolean {
  const [module = ""] = reference.split(":");
  if (module.split(".").every((part) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(part))) return false;
  const place = inFolder(folder, module.replaceAll(".", "/"));
  return project.has(`${place}.py`) || project.has(inFolder(place, "__init__.py"));
}

/**
 * The server that the requirements bring for an app, else the one to add. Undefined for a command of its own. An odd name is
 * imported by all but waitress.
 */
function serverOf(serve: Serve, requirements: Requirements | undefined, odd: boolean): string | undefined {
  if (serve.by === "command") {
    const named = /(?:^|\s|\/)(gunicorn|uvicorn|waitress|hypercorn|daphne|uwsgi)(?:-serve)?(?:\s|$)/.exec(
      serve.command,
    )?.[1];
    return named;
  }
  const known =
    serve.by === "wsgi" ? (odd ? ["gunicorn"] : ["waitress", "gunicorn"]) : ["uvicorn", "hypercorn", "daphne"];
  const there = known.filter((name) => brings(requirements, name));
  return there.find((name) => !(serve.factory && name === "daphne")) ?? known[0];
}

/** The command that serves, from the app's folder, with a part of it in front where imports start there. */
function commandOf(serve: Serve, server: string | undefined, inside: string): string {
  const shell = quoted(inside);
  // A source folder is where imports start, not where the app is at home.
  const start = inside === "" ? "" : /(^|\/)(src|lib)$/.test(inside) ? `PYTHONPATH=${shell} ` : `cd ${shell} && `;
  if (serve.by === "command") return `${start}${serve.command}`;
  const { reference, factory } = serve;
  const word = quoted(reference);
  const called = factory ? quoted(`${reference}()`) : word;
  const commands: Record<string, string> = {
    waitress: `python3 -m waitress --listen=0.0.0.0:$PORT ${factory ? "--call " : ""}${word}`,
    gunicorn: `python3 -m gunicorn --bind 0.0.0.0:$PORT ${called}`,
    uvicorn: `python3 -m uvicorn ${factory ? "--factory " : ""}${word} --host 0.0.0.0 --port $PORT`,
    hypercorn: `python3 -m hypercorn --bind 0.0.0.0:$PORT ${called}`,
    daphne: `python3 -m daphne -b 0.0.0.0 -p $PORT ${word}`,
  };
  return `${start}${commands[server ?? ""] ?? ""}`;
}

/** The file as it stands, where it holds all that it would be given: it may hold more by now. */
function keptOr(project: Project, top: string, own: OwnFile): OwnFile {
  if (own.text === undefined || !project.has(inFolder(top, ownFile))) return own;
  const there = pipRequirements(project, top, ownFile).lines;
  const wanted = own.text.split("\n").flatMap((line) => (line.startsWith("#") ? [] : (requirementName(line) ?? [])));
  const { file = ownFile, added = [] } = own;
  return wanted.every((name) => there.has(name)) ? { file, added } : own;
}

interface OwnFile {
  file?: string;
  text?: string;
  added?: string[];
  notes?: string[];
}

/** The requirements file to write, where pip cannot be given the app's own or it lacks something. */
function requirementsFile(
  project: Project,
  { framework, serve }: Candidate,
  requirements: Requirements | undefined,
  server: string | undefined,
): OwnFile {
  const lacks = server !== undefined && !brings(requirements, server) ? [server] : [];
  if (requirements?.pip && lacks.length === 0) return {};
  if (requirements?.hashed) {
    const { file } = requirements;
    const notes = [
      `${file} lacks ${lacks.join(", ")}, which serves the app, and has hashes: pip takes nothing without one. Add it there with its hash, as pip-compile --generate-hashes writes it.`,
    ];
    return { added: lacks, notes };
  }
  if (requirements?.file === ownFile) {
    const kept = project.text(inFolder(requirements.folder, ownFile)).trimEnd();
    const notes = [`${ownFile} lacks ${lacks.join(", ")}, which serves the app, and gets it.`];
    return { file: ownFile, text: [kept, ...lacks, ""].join("\n"), added: lacks, notes };
  }
  const about = "# What the machines get by pip. Written by multivac init; yours to change.";
  if (requirements?.pip) {
    const text = [about, `-r ${requirements.file}`, ...lacks, ""].join("\n");
    const notes = [`${requirements.file} lacks ${lacks.join(", ")}, which serves the app: ${ownFile} adds it.`];
    return { file: ownFile, text, added: lacks, notes };
  }
  if (requirements) {
    const { file, lines, unknown, exportCommand } = requirements;
    const isSetup = lines.has(".");
    const origin = isSetup ? [] : [`# Taken from ${file}: keep the two alike.`];
    const text = [about, ...origin, ...lines.values(), ...lacks, ""].join("\n");
    const notes = [
      isSetup
        ? `pip installs the app itself by ${file}, as ${ownFile} says.`
        : `pip cannot be given ${file}: ${ownFile} has its dependencies${lacks.length ? `, and ${lacks.join(", ")}` : ""}.${exportCommand ? ` For the versions of the lock file: ${exportCommand}, then multivac init again.` : ""}`,
      ...(unknown.length
        ? [`${file} has dependencies that ${ownFile} could not take over: ${unknown.join(", ")}. Add them.`]
        : []),
    ];
    return { file: ownFile, text, added: lacks, notes };
  }
  const named = serve.by === "command" ? undefined : frameworkPackage[framework];
  const added = [...(named ? [named] : []), ...lacks];
  // The program `python` is the virtual environment's, which is made where there are requirements.
  const callsPython = serve.by === "command" && /(^|\s)python\s/.test(serve.command);
  if (added.length === 0 && !callsPython) return {};
  const what = added.length > 0 ? `asks for ${added.join(" and ")}` : "asks for nothing yet";
  return {
    file: ownFile,
    text: [about, ...added, ""].join("\n"),
    added,
    notes: [`There is no requirements file: ${ownFile} ${what}. Add what else the app imports.`],
  };
}

/** What pip calls a framework, where an app tells of it only by its imports. */
const frameworkPackage: Record<string, string> = {
  Flask: "flask",
  APIFlask: "apiflask",
  Dash: "dash",
  Bottle: "bottle",
  Falcon: "falcon",
  Pyramid: "pyramid",
  Django: "django",
  FastAPI: "fastapi",
  Starlette: "starlette",
  Quart: "quart",
  Litestar: "litestar",
  BlackSheep: "blacksheep",
  Sanic: "sanic",
};
