import assert from "node:assert/strict";
import { test } from "node:test";
import { detectApps } from "../../../src/init/detect/index.ts";
import { pythonNeed } from "../../../src/init/python/version.ts";
import { projectOf } from "../project-of.ts";

/** Files that are made to keep a reader busy: the time grows with their length and no faster. */

const many = 100_000;
const flask = "from flask import Flask\n";
for (const [what, source] of [
  ["brackets", `${flask}x = ${"(".repeat(many)}`],
  ["brackets that are closed", `${flask}x = ${"(".repeat(many)}${")".repeat(many)}`],
  ["calls", `${flask}x = ${"f(".repeat(many)}`],
  ["calls by keyword", `${flask}x = ${"f(a=".repeat(many)}`],
  ["await", `${flask}x = ${"await ".repeat(50_000)}`],
  ["f-strings", `${flask}x = ${"f'{".repeat(many)}`],
  ["f-strings of two quotes", `${flask}x = ${`f"{f'{`.repeat(50_000)}`],
  ["brackets in an f-string", `${flask}x = f'${"{".repeat(many)}`],
  ["imports in one line", `x = '${"import ".repeat(50_000)}'`],
  ["empty lines", "\n".repeat(500_000)],
] as const) {
  test(`${what} without end are read in no time`, { timeout: 20_000 }, async (t) => {
    const project = await projectOf(t, { "app.py": source, "requirements.txt": source, Procfile: source });
    const start = performance.now();
    assert.deepEqual(detectApps(project), []);
    pythonNeed(project, "", new Map());
    assert.ok(performance.now() - start < 5000);
  });
}

test("an application in brackets and wrappers as deep as anybody makes them is found", async (t) => {
  const wrapped = `${"Fix(".repeat(5)}(Flask('a'))${")".repeat(5)}`;
  const source = `${flask}from werkzeug.middleware.proxy_fix import ProxyFix as Fix\napp = ${wrapped}\n`;
  assert.equal(detectApps(await projectOf(t, { "app.py": source })).length, 1);
});
