import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { multivac, packageRoot, temporaryFolder } from "../command-line.ts";

/** Apps as they are commonly laid out, each made small after a public one, and the config that each gets. */

interface Expected {
  app: Record<string, unknown>;
  os?: string;
  healthPath?: string;
  /** The requirements file that is written beside the config, without its comments. */
  adds?: string[];
  notes?: RegExp[];
}

const own = "requirements-multivac.txt";
const hosts = /ALLOWED_HOSTS .*health checks ask by a machine's address, to which Django answers 400/;
const pins = /pin versions, and nothing says for which Python: amazon-linux-2023 has 3\.9/;
const layouts: Record<string, Expected> = {
  // Flask documentation, "Quickstart".
  "flask-minimal": { app: { path: ".", module: "app:app", requirements: "requirements.txt" }, notes: [pins] },
  // Flask documentation, "Tutorial".
  "flaskr-tutorial": {
    app: { path: ".", command: waitress("--call flaskr:create_app"), requirements: own },
    adds: ["flask", "waitress"],
    notes: [/pip cannot be given pyproject\.toml/, /flaskr\/__init__\.py keeps data in files.*\/var\/lib\/app/],
  },
  // A src layout with an application factory, pinned by hand.
  "flask-src-factory": {
    app: {
      path: ".",
      command: "PYTHONPATH=src python3 -m gunicorn --bind 0.0.0.0:$PORT 'shop:create_app()'",
      requirements: "requirements.txt",
    },
    notes: [pins],
  },
  // miguelgrinberg/microblog: a module that calls the factory.
  microblog: { app: { path: ".", module: "microblog:app", requirements: "requirements.txt" }, notes: [pins] },
  // miguelgrinberg/flasky: a factory that has to be given something.
  flasky: { app: { path: ".", module: "flasky:app", requirements: "requirements.txt" }, notes: [pins] },
  dash: {
    app: { path: ".", module: "app:app.server", requirements: own },
    os: "ubuntu-24.04",
    adds: ["dash", "pandas>=2"],
    notes: [/pip cannot be given Pipfile/],
  },
  // django-admin startproject, as Django 5 writes it.
  "django-startproject": {
    app: { path: ".", module: "mysite.wsgi:application", requirements: own },
    healthPath: "/admin/login/",
    adds: ["django"],
    notes: [hosts, /mysite\/settings\.py does not hold "\*"/, /collectstatic and migrate are not run/],
  },
  "cookiecutter-django": {
    app: { path: ".", module: "config.wsgi:application", requirements: "requirements/production.txt" },
    os: "ubuntu-24.04",
    notes: [hosts, /app\.env, DJANGO_ALLOWED_HOSTS to \*/, /django 5\.0\.6 asks for 3\.10/],
  },
  "django-subfolder": {
    app: { path: ".", command: `cd mysite && ${waitress("mysite.wsgi:application")}`, requirements: own },
    adds: ["-r requirements.txt", "waitress"],
    notes: [/requirements\.txt lacks waitress/],
  },
  // FastAPI documentation, "First Steps"; its annotations need Python 3.10.
  "fastapi-tutorial": {
    app: { path: ".", command: uvicorn("main:app"), requirements: "requirements.txt" },
    os: "ubuntu-24.04",
    notes: [/main\.py asks for 3\.10/],
  },
  // FastAPI documentation, "Bigger Applications".
  "fastapi-routers": {
    app: { path: ".", command: uvicorn("app.main:app"), requirements: "requirements.txt" },
    healthPath: "/healthz",
  },
  "full-stack-fastapi-template": {
    app: { path: "backend", command: uvicorn("app.main:app"), requirements: own },
    os: "ubuntu-24.04",
    healthPath: "/docs",
    adds: ["fastapi[standard]<1.0.0,>=0.114.2", "pydantic>2.0", "sentry-sdk[fastapi]<2.0.0,>=1.40.6"],
    notes: [/no route for \//, /uv export/],
  },
  "fastapi-wsgi-bridge": { app: { path: ".", module: "wsgi:application", requirements: "requirements.txt" } },
  "poetry-starlette": {
    app: { path: ".", command: uvicorn("web.asgi:application"), requirements: own },
    os: "ubuntu-24.04",
    adds: ["starlette>=0.37,<0.38", "httpx[http2]>=0.27,<0.28", "uvicorn"],
    notes: [/could not take over: ours/, /poetry export/],
  },
  // heroku/python-getting-started.
  procfile: {
    app: { path: ".", command: "gunicorn --config gunicorn.conf.py gettingstarted.wsgi", requirements: own },
    os: "ubuntu-24.04",
    adds: ["-r requirements.txt", "gunicorn"],
    notes: [/only web runs, not release, worker/, hosts],
  },
  "node-start": { app: { path: ".", command: "node server.js", packages: ["nodejs"] } },
};

function waitress(what: string): string {
  return `python3 -m waitress --listen=0.0.0.0:$PORT ${what}`;
}

function uvicorn(reference: string): string {
  return `python3 -m uvicorn ${reference} --host 0.0.0.0 --port $PORT`;
}

const network = [
  "--region=ap-southeast-2",
  "--vpc=vpc-0123456789abcdef0",
  "--subnets=subnet-0123456789abcdef0,subnet-0123456789abcdef1",
];

test("every layout gets its config, which is valid", { concurrency: 4 }, async (t) => {
  const each = Object.entries(layouts).map(([layout, expected]) =>
    t.test(layout, async (t) => {
      const folder = path.join(await temporaryFolder(t), "site");
      await cp(path.join(packageRoot, "test/init/layouts", layout), folder, { recursive: true });
      const ran = await multivac(["init", "--yes", "--json", ...network], { cwd: folder });
      assert.equal(ran.code, 0, ran.stderr);
      const { notes } = ran.json() as { notes?: string[] };
      const config = JSON.parse(await readFile(path.join(folder, "config.json"), "utf8"));
      assert.deepEqual(config.app, expected.app);
      assert.equal(config.image?.os, expected.os);
      assert.equal(config.loadBalancer?.healthCheck?.path, expected.healthPath);
      const file = path.join(folder, config.app.path, own);
      const added = await readFile(file, "utf8").catch(() => undefined);
      assert.deepEqual(
        added?.split("\n").filter((line) => line && !line.startsWith("#")),
        expected.adds,
      );
      for (const note of expected.notes ?? []) assert.match(notes?.join("\n") ?? "", note);
      if (!expected.notes) assert.deepEqual(notes, []);

      await loadConfig(path.join(folder, "config.json"));
    }),
  );
  await Promise.all(each);
});
