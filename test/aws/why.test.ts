import assert from "node:assert/strict";
import { test } from "node:test";
import { lastWords, plainLine } from "../../src/aws/why.ts";

test("a console ends with what was said before the machine was shut down", () => {
  const app = [
    "Traceback (most recent call last):",
    "RuntimeError: no database",
    "multivac-app.service: Failed with result 'exit-code'.",
  ];
  assert.deepEqual(lastWords(app.join("\r\n"), 2), app.slice(1));
  const end = [
    "         Stopping session-1.scope - Session 1 of User root...",
    "[  OK  ] Stopped multivac-app.service - the app.",
    "[  OK  ] Unmounted tmp.mount - /tmp.",
    "[  OK  ] Reached target \u001b[0;1;39mshutdown.target\u001b[0m - System Shutdown.",
    "Sending SIGTERM to remaining processes...",
    "Powering off.",
  ];
  assert.deepEqual(lastWords([...app, ...end].join("\n"), 12), app);
  assert.deepEqual(lastWords([...app, ...end.slice(0, 3)].join("\n"), 2), app.slice(1), "read while it goes on");
  assert.deepEqual(lastWords("", 12), []);
});

test("a line keeps nothing that a terminal would obey, in 7 bits or 8", () => {
  const lines = {
    "\u001b[31mred\u001b[0m end": "red end",
    "\u009b31mred\u009b0m end": "red end",
    "\u001b]0;title\u0007end": "end",
    "\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\ end": "link end",
    "\u009d0;title\u009cend": "end",
    "\u001bPq#0\u001b\\end": "end",
    "a\u001b(Bb\u0085c\u0008d\te": "abcd\te",
    "\u001b]never ended": "]never ended",
    "größer – 日本": "größer – 日本",
  };
  for (const [line, shown] of Object.entries(lines)) assert.equal(plainLine(line), shown);
});
