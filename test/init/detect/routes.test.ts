import assert from "node:assert/strict";
import { test } from "node:test";
import { broughtUp } from "../project-of.ts";

const lines = (...each: string[]) => `${each.join("\n")}\n`;
const flask = "from flask import Flask, redirect\napp = Flask('a')";
const fastapi = "from fastapi import APIRouter, FastAPI\napp = FastAPI()";
const up = lines("@app.get('/up')", "def up():", "    return 'ok'");

for (const [what, source, healthPath, told] of [
  ["/ answers", lines(flask, "@app.route('/')", "def index():", "    return 'a'", up), undefined, undefined],
  ["/ redirects", lines(flask, "@app.route('/')", "def index():", "    return redirect('/a')", up), "/up", undefined],
  [
    "/ redirects in a factory",
    lines(
      "from flask import Flask, redirect",
      "def create_app():",
      "    app = Flask('a')",
      "    @app.route('/')",
      "    def index():",
      "        return redirect('/a')",
      "    @app.route('/up')",
      "    def up():",
      "        return 'ok'",
      "    return app",
    ),
    "/up",
    undefined,
  ],
  [
    "/ redirects, alone",
    lines(flask, "@app.route('/')", "def a():", "    return redirect('/a')"),
    undefined,
    /redirects/,
  ],
  [
    "/ asks who it is",
    lines(flask, "@app.route('/')", "@login_required", "def a():", "    return 'a'", up),
    "/up",
    undefined,
  ],
  [
    "/ may be a blueprint's",
    lines(flask, "b = Blueprint('b', 'b')", "@b.route('/')", "def a():", "    return 'a'", up),
    "/up",
    undefined,
  ],
  ["FastAPI without routes", fastapi, "/docs", /no route for \//],
  [
    "/ is a router's",
    lines(fastapi, "r = APIRouter()", "@r.get('/')", "def a(): ...", "app.include_router(r)"),
    undefined,
    undefined,
  ],
  [
    "a router's / has a prefix where it is included",
    lines(fastapi, "r = APIRouter()", "@r.get('/')", "def a(): ...", "app.include_router(r, prefix='/r')"),
    "/docs",
    /no route for \//,
  ],
  [
    "a router's / has a prefix by the one that includes it",
    lines(
      fastapi,
      "outer = APIRouter(prefix='/o')",
      "r = APIRouter()",
      "@r.get('/')",
      "def a(): ...",
      "outer.include_router(r)",
      "app.include_router(outer)",
    ),
    "/docs",
    /no route for \//,
  ],
  [
    "no schema, no documentation",
    fastapi.replace("FastAPI()", "FastAPI(openapi_url=None)"),
    undefined,
    /no route for \//,
  ],
  ["nobody knows what it is given", fastapi.replace("FastAPI()", "FastAPI(**kwargs)"), undefined, /no route for \//],
  ["the schema is elsewhere", fastapi.replace("FastAPI()", "FastAPI(openapi_url='/v1/o.json')"), "/docs", /\/docs/],
] as const) {
  test(`the health check's path: ${what}`, async (t) => {
    const found = await broughtUp(t, { "app.py": source });
    assert.equal(found.healthPath, healthPath);
    const about = found.notes.filter((note) => /redirects|no route/.test(note));
    assert.equal(about.length, told ? 1 : 0, about.join());
    if (told) assert.match(about.join(), told);
  });
}

test("circles of routers end", async (t) => {
  const source = lines(fastapi, "r = APIRouter()", "@r.get('/')", "def a(): ...", "r.include_router(r)");
  const { healthPath } = await broughtUp(t, { "app.py": source });
  assert.equal(healthPath, undefined);
});
