import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { detectApps } from "../../../src/init/detect/index.ts";
import { surveyProject } from "../../../src/init/project.ts";
import { appsIn } from "../../../src/init/python/apps.ts";
import { temporaryFolder } from "../../command-line.ts";

type Files = Record<string, string>;

async function project(t: TestContext, files: Files) {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return await surveyProject(folder);
}

/** References that are found, a factory with brackets, with the protocol. */
async function found(t: TestContext, files: Files) {
  const read = await project(t, files);
  return read.files
    .filter((file) => file.endsWith(".py"))
    .flatMap((file) => appsIn(read, file))
    .map(({ reference, factory, framework }) => `${reference}${factory ? "()" : ""} ${framework.protocol}`);
}

const flask = "from flask import Flask\n";
for (const [what, source, expected] of [
  ["a call of the class", `${flask}app = Flask(__name__)`, ["m:app wsgi"]],
  ["by the module's name", "import flask as f\nsite = f.Flask('x')", ["m:site wsgi"]],
  ["annotated", `${flask}app: Flask = Flask(__name__)`, ["m:app wsgi"]],
  ["several names", `${flask}app = application = Flask(__name__)`, ["m:app wsgi", "m:application wsgi"]],
  ["in a condition", `${flask}if X:\n    app = Flask('a')\nelse:\n    app = Flask('b')`, ["m:app wsgi"]],
  [
    "after a failed import",
    `try:\n    from flask import Flask\nexcept ImportError:\n    raise\napp = Flask('a')`,
    ["m:app wsgi"],
  ],
  ["an own class", `${flask}class Site(Flask):\n    pass\napp = Site('a')`, ["m:app wsgi"]],
  [
    "wrapped",
    `${flask}from werkzeug.middleware.proxy_fix import ProxyFix\napp = Flask('a')\napp = ProxyFix(app)`,
    ["m:app wsgi"],
  ],
  ["wrapped by what nobody knows", `${flask}from ours import Log\napp = Log(Flask('a'))`, ["m:app wsgi"]],
  ["changed in place", `${flask}app = Flask('a')\napp.wsgi_app = Fix(app.wsgi_app)`, ["m:app wsgi"]],
  ["a factory with an annotation", `${flask}def make() -> Flask:\n    return _build()`, ["m:make() wsgi"]],
  ["a factory on one line", `${flask}def make(): return Flask('a')`, ["m:make() wsgi"]],
  ["an asynchronous one by its class", "import starlette.applications as s\napp = s.Starlette()", ["m:app asgi"]],
  ["Pyramid's", "from pyramid.config import Configurator\nc = Configurator()\napp = c.make_wsgi_app()", ["m:app wsgi"]],
  ["only when it is run itself", `${flask}if __name__ == '__main__':\n    app = Flask('a')`, []],
  ["in a string", `"""\n${flask}app = Flask(__name__)\n"""\nimport flask`, []],
  ["in a class", `${flask}class Holder:\n    app = Flask('a')`, []],
  ["an extension of it is none", `${flask}from flask_restful import Api\nx = Flask('a')\napi = Api(x)`, ["m:x wsgi"]],
  ["a private name", `${flask}_app = Flask('a')`, []],
  ["names in a circle", `${flask}app = application\napplication = app`, []],
  ["by all names of a package", "from os import *\nfrom flask import *\napp = Flask('a')", ["m:app wsgi"]],
  ["by all names of several", "from flask import *\nfrom os import *\napp = Flask('a')", ["m:app wsgi"]],
  ["a name of its own is not the package's", "from flask import *\nFlask = make\napp = Flask('a')", []],
  ["an asynchronous function is no factory", "from quart import Quart\nasync def make():\n    return Quart('a')", []],
  ["when it is not run itself", `${flask}if __name__ != '__main__':\n    app = Flask('a')`, ["m:app wsgi"]],
  [
    "one of two in a factory",
    `${flask}def make():\n    if X:\n        app = Flask('a')\n    else:\n        app = other()\n    return app`,
    ["m:make() wsgi"],
  ],
] as [string, string, string[]][]) {
  test(`an application: ${what}`, async (t) => {
    assert.deepEqual(await found(t, { "m.py": source }), expected);
  });
}

const lines = (...each: string[]) => `${each.join("\n")}\n`;
const api = lines(
  "from fastapi import FastAPI",
  "from starlette.middleware.cors import CORSMiddleware",
  "import socketio",
);
for (const [what, source, reference] of [
  [
    "in a factory by a middleware",
    lines(api, "def create_app():", "    app = FastAPI()", "    @app.get('/up')", "    def up(): ...").concat(
      "    app = CORSMiddleware(app, allow_origins=['*'])\n    return app\n",
    ),
    "m:create_app",
  ],
  [
    "in what a factory returns",
    lines(api, "def make():", "    api = FastAPI()", "    @api.get('/up')", "    def up(): ...").concat(
      "    return CORSMiddleware(app=api)\n",
    ),
    "m:make",
  ],
  [
    "by Socket.IO, under its own name",
    lines(api, "sio = socketio.AsyncServer()", "app = FastAPI()", "@app.get('/up')", "def up(): ...").concat(
      "app = socketio.ASGIApp(sio, app)\n",
    ),
    "m:app",
  ],
] as const) {
  test(`a wrapped application keeps its framework, its routes and its health path: ${what}`, async (t) => {
    const [app] = detectApps(await project(t, { "m.py": source }));
    assert.equal(app?.framework, "FastAPI");
    assert.ok(app.serve.by === "asgi" && app.serve.reference === reference, JSON.stringify(app.serve));
    assert.equal(app.healthPath, "/up");
  });
}

test("names that stand for one another many times over are worked out in no time", async (t) => {
  const chain = Array.from({ length: 40 }, (_, at) => `app${at + 1} = F.f(app${at}, app${at})`);
  const files = {
    "chain.py": lines(
      "import flask, F",
      "def make(x0):",
      ...chain.map((line) => `    ${line.replaceAll("app", "x")}`),
    ).concat("    return x40\n"),
    "circle.py": lines(
      flask,
      "def clip(a, b):",
      "    a = np.where(b > 0, b, a)",
      "    b = np.where(a > 0, a, b)",
      "    return a",
    ),
    "wrapped.py": lines("from starlette.middleware.gzip import GZipMiddleware as G", "import fastapi").concat(
      lines(...chain.map((line) => line.replace("F.f", "G"))),
    ),
  };
  const start = performance.now();
  assert.deepEqual(await found(t, files), []);
  assert.ok(performance.now() - start < 5000);
});

test("several modules may give all of their names", async (t) => {
  const files = {
    "wsgi.py": "from core import *\nfrom flask import *\napp = make()\n",
    "core.py": "from deep import *\nx = 1\n",
    "deep.py": `${flask}def make():\n    return Flask('a')\n`,
  };
  assert.deepEqual(await found(t, files), ["deep:make() wsgi", "wsgi:app wsgi"]);
});

test("a module whose name no server could import is none", async (t) => {
  const source = `${flask}app = Flask('a')\n`;
  const names = ["my.app.py", "-x.py", "my-app.py", "main (1).py"];
  const files = Object.fromEntries(names.map((name) => [name, source]));
  assert.deepEqual(await found(t, files), ["main (1):app wsgi", "my-app:app wsgi"]);
});

test("an application by way of other modules, relative and absolute, in packages and without __init__.py", async (t) => {
  const files = {
    "pack/__init__.py": "from .core import make as create_app\n",
    "pack/core.py": `${flask}def make():\n    from . import views\n    site = Flask('a')\n    return site\n`,
    "pack/views.py": "",
    "wsgi.py": "from pack import create_app\napp = create_app()\n",
    "spaces/web/main.py": "from fastapi import FastAPI\nfrom .parts import x\napp = FastAPI()\n",
    "spaces/web/parts.py": "x = 1\n",
  };
  assert.deepEqual(await found(t, files), ["wsgi:app wsgi", "pack.core:make() wsgi", "web.main:app asgi"]);
  const apps = detectApps(await project(t, files));
  assert.deepEqual(
    apps.map(({ folder, serve }) => [folder, serve.by !== "command" && serve.reference]),
    [
      ["", "wsgi:app"],
      ["spaces", "web.main:app"],
    ],
    "one of the two names of one application",
  );
});

for (const [what, files, expected] of [
  [
    "imports name its neighbours",
    {
      "shop/__init__.py": "",
      "shop/app.py": `from models import db\n${flask}app = Flask('a')\n`,
      "shop/models.py": "db = 1\n",
    },
    ["shop", "app:app"],
  ],
  [
    "imports name a package inside",
    {
      "backend/__init__.py": "",
      "backend/src/__init__.py": "",
      "backend/src/api.py": "r = 1\n",
      "backend/src/main.py": `from src.api import r\n${flask}app = Flask('a')\n`,
    },
    ["backend", "src.main:app"],
  ],
  [
    "a package's modules are named by themselves inside",
    {
      "shop/__init__.py": "",
      "shop/app.py": `from models.user import User\n${flask}app = Flask('a')\n`,
      "shop/models/__init__.py": "from models.user import User\n",
      "shop/models/user.py": "class User: ...\n",
    },
    ["shop", "app:app"],
  ],
  [
    "imports are relative",
    {
      "shop/__init__.py": "",
      "shop/app.py": `from . import x\nimport models\n${flask}app = Flask('a')\n`,
      "shop/models.py": "",
    },
    ["", "shop.app:app"],
  ],
  [
    "imports name the package",
    {
      "shop/__init__.py": "",
      "shop/app.py": `from shop.models import db\n${flask}app = Flask('a')\n`,
      "shop/models.py": "db = 1\n",
    },
    ["", "shop.app:app"],
  ],
  [
    "a neighbour has the name of what is installed",
    {
      "shop/__init__.py": "",
      "shop/app.py": `from redis import Redis\n${flask}app = Flask('a')\n`,
      "shop/redis.py": "from redis import Redis\n",
    },
    ["", "shop.app:app"],
  ],
] as [string, Files, [string, string]][]) {
  test(`where imports start beside an __init__.py: ${what}`, async (t) => {
    const [app] = detectApps(await project(t, files));
    assert.deepEqual([app?.folder, app?.serve.by !== "command" && app?.serve.reference], expected);
  });
}

test("a factory that needs arguments comes last and is told of; run() at import is told of", async (t) => {
  const apps = detectApps(
    await project(t, {
      "site.py": `${flask}def create_app(config):\n    app = Flask('a')\n    return app\n`,
      "other.py": `${flask}thing = Flask('b')\nthing.run(debug=True)\n`,
    }),
  );
  assert.equal(apps[0]?.where, "other.py");
  assert.match(apps[0]?.notes.join() ?? "", /calls run\(\) as it is imported/);
  assert.match(apps[1]?.refused ?? "", /create_app in site\.py cannot be called without arguments/);
});

test("Django's settings are taken together from all that give theirs, the last first", async (t) => {
  const files = {
    "manage.py": "",
    "site/__init__.py": "",
    "site/wsgi.py": lines(
      "import os",
      "from django.core.wsgi import get_wsgi_application",
      "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')",
      "application = get_wsgi_application()",
    ),
    "site/settings.py": "from .hosts import *\nfrom .more import *\n",
    "site/hosts.py": "ALLOWED_HOSTS = ['*']\n",
    "site/more.py": "ROOT_URLCONF = 'site.urls'\n",
  };
  const [app] = detectApps(await project(t, files));
  assert.equal(app?.framework, "Django");
  assert.doesNotMatch(app.notes.join(), /ALLOWED_HOSTS/);
});

test("a variable that the source cannot do without is told of", async (t) => {
  const source = `import os\n${flask}app = Flask('a')\nkey = os.environ["KEY"]\nos.environ["SET"] = "1"\nport = os.environ["PORT"]\n# os.environ["NOT"]\n`;
  const [app] = detectApps(await project(t, { "app.py": source }));
  assert.match(app?.notes.join() ?? "", /cannot do without KEY in its environment/);
});

test("FLASK_APP and tool.fastapi.entrypoint go before names", async (t) => {
  const source = `${flask}x = Flask('a')\n`;
  const [named] = detectApps(
    await project(t, { "app.py": source, "odd.py": source, ".flaskenv": "export FLASK_APP=odd\n" }),
  );
  assert.equal(named?.where, "odd.py");
  const served = "from fastapi import FastAPI\napi = FastAPI()\n";
  const pyproject = '[tool.fastapi]\nentrypoint = "odd:api"\n';
  const [entry] = detectApps(await project(t, { "main.py": served, "odd.py": served, "pyproject.toml": pyproject }));
  assert.equal(entry?.where, "odd.py");
});
