import assert from "node:assert/strict";
import { test } from "node:test";
import { broughtUp } from "./project-of.ts";

const source = "from flask import Flask\napp = Flask('a')\n";
for (const [requirements, told] of [
  ["psycopg2==2.9.9", /^psycopg2 has no wheel for Linux.*app\.packages.*libpq-dev.*psycopg2-binary brings its own/],
  ["psycopg[pool, c]>=3", /^psycopg\[c\] has no wheel for Linux.*psycopg\[binary\] brings its own/],
  ["mysqlclient", /^mysqlclient has no wheel for Linux.*default-libmysqlclient-dev\)\.$/],
  ["psycopg2-binary", undefined],
  ["psycopg[binary]", undefined],
  ["psycopg", undefined],
] as const) {
  test(`${requirements} is compiled: ${told ? "told" : "not so"}`, async (t) => {
    const { notes } = await broughtUp(t, { "app.py": source, "requirements.txt": `flask\n${requirements}\n` });
    const about = notes.filter((note) => note.includes("has no wheel"));
    assert.equal(about.length, told ? 1 : 0);
    if (told) assert.match(about.join(), told);
  });
}
