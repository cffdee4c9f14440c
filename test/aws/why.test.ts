import assert from "node:assert/strict";
import { test } from "node:test";
import { lastWords } from "../../src/aws/why.ts";

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
  assert.deepEqual(lastWords("", 12), []);
});
