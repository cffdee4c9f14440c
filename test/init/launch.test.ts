import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { execa } from "execa";
import { detectApps } from "../../src/init/detect/index.ts";
import { launchOf } from "../../src/init/launch.ts";
import { surveyProject } from "../../src/init/project.ts";
import { quoted } from "../../src/quoted.ts";
import { temporaryFolder } from "../command-line.ts";

/** How what was found becomes the app's part of a config. */

async function launched(t: TestContext, files: Record<string, string>) {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const project = await surveyProject(folder);
  const [best] = detectApps(project);
  assert.ok(best, "an app is found");
  return { best, ...launchOf(project, best) };
}

const flask = "from flask import Flask\napp = Flask('a')\n";
const gunicorn = "python3 -m gunicorn --bind 0.0.0.0:$PORT";

for (const [file, source, command] of [
  ["flask-app.py", flask, `${gunicorn} flask-app:app`],
  ["main (1).py", flask, `${gunicorn} 'main (1):app'`],
  ["a;$(id)'.py", flask, `${gunicorn} 'a;$(id)'\\'':app'`],
  ["my-app.py", "from flask import Flask\ndef make():\n    return Flask('a')\n", `${gunicorn} 'my-app:make()'`],
  [
    "fast-api.py",
    "from fastapi import FastAPI\napp = FastAPI()\n",
    "python3 -m uvicorn fast-api:app --host 0.0.0.0 --port $PORT",
  ],
] as const) {
  test(`${file}, no name in Python, is served by what imports it all the same, and quoted for the shell`, async (t) => {
    const { app, write } = await launched(t, { [file]: source });
    assert.equal(app.module, undefined);
    assert.equal(app.command, command);
    assert.match(write?.text ?? "", command.includes("gunicorn") ? /^gunicorn$/m : /^uvicorn$/m);
  });
}

test("a word comes through the shell as it is", async () => {
  for (const word of ["a", "", "it's", "$(id)", "a b;c", "`id`", 'x"y', "\\", "*"]) {
    const { stdout } = await execa("/bin/sh", ["-c", `printf %s ${quoted(word)}`]);
    assert.equal(stdout, word);
  }
});

test("requirements with hashes get no server without one", async (t) => {
  const hash = "--hash=sha256:0123456789abcdef";
  const { app, write, notes, needs } = await launched(t, {
    "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    "requirements.txt": `fastapi==0.115.0 \\\n    ${hash}\n`,
  });
  assert.equal(app.requirements, "requirements.txt");
  assert.equal(write, undefined);
  assert.match(notes.join(), /requirements\.txt lacks uvicorn.*Add it there with its hash/);
  assert.ok(needs.has("uvicorn"));
});

for (const [lock, command] of [
  ["uv.lock", /uv export .*--no-hashes/],
  ["poetry.lock", /poetry export .*--without-hashes/],
] as const) {
  test(`what ${lock} is exported to has no hashes, so that a server can be added`, async (t) => {
    const { notes } = await launched(t, {
      "app.py": flask,
      "pyproject.toml": '[project]\ndependencies = ["flask"]\n',
      [lock]: "",
    });
    assert.match(notes.join(), command);
  });
}

for (const [web, packages, told] of [
  ["node index.js", ["nodejs"], [/2 dependencies/]],
  ["NODE_ENV=production npm start", ["nodejs", "npm"], [/2 dependencies/]],
  ["yarn start", ["nodejs", "npm"], [/2 dependencies/, /have no yarn/]],
  ["./serve --port $PORT", undefined, []],
] as const) {
  test(`a Procfile's \`${web}\` gets ${packages?.join(" and ") ?? "no packages"}`, async (t) => {
    const { best, app } = await launched(t, {
      Procfile: `web: ${web}\n`,
      "package.json": '{"dependencies": {"express": "*", "pg": "*"}}',
    });
    assert.deepEqual(app.packages, packages);
    assert.equal(best.notes.length, told.length);
    for (const note of told) assert.match(best.notes.join("\n"), note);
  });
}
