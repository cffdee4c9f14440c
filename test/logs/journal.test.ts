import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleLines, followingCommand, journalCommand, journalParser } from "../../src/logs/journal.ts";

test("the journal is asked for the app's lines, from a moment on or the last so many", () => {
  const command = journalCommand({ since: new Date("2026-03-01T12:00:00.250Z") });
  assert.match(command, /^journalctl --unit=app\.service /);
  assert.match(command, / --since=@1772366400\.25 --lines=all$/);
  assert.match(journalCommand({ lines: 5 }), /[^e] --lines=5$/);
  assert.match(followingCommand({ lines: 5 }), /^echo; .*--lines=5 --follow &/);
});

test("its lines are read with their times and their sources", () => {
  const parse = journalParser();
  assert.deepEqual(parse("1772366400.250001 app[123]: a: b"), {
    at: 1772366400250001,
    time: "2026-03-01T12:00:00.250Z",
    source: "app",
    message: "a: b",
  });
  assert.equal(parse("1772366401.000000 systemd[1]: Started The app.")?.source, "systemd");
  assert.equal(parse("1772366401.000000 app[123]: ")?.message, "");
  assert.equal(parse("-- Boot 0123456789abcdef --"), undefined);
  assert.equal(parse(""), undefined);
});

test("a message of several lines is so many lines of one time, each with its own indentation", () => {
  const parse = journalParser();
  const lines = ["1772366400.000001 app[7]: first", `${" ".repeat(26)}  indented`, `${" ".repeat(26)}last`];
  assert.deepEqual(
    lines.map(parse).map((line) => [line?.at, line?.message]),
    [
      [1772366400000001, "first"],
      [1772366400000001, "  indented"],
      [1772366400000001, "last"],
    ],
  );
  assert.equal(journalParser()("  of nothing"), undefined);
});

test("a console's lines have no times, and nothing a terminal would obey", () => {
  assert.deepEqual(consoleLines("one\r\n\u001b[32mtwo\u001b[0m\r\n\r\nthree\n", { lines: 2 }), [
    { time: null, source: null, message: "two" },
    { time: null, source: null, message: "three" },
  ]);
});
