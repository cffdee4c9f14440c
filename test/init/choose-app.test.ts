import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../src/failure.ts";
import { chooseApp } from "../../src/init/choose-app.ts";
import { questionsFor } from "../../src/init/questions.ts";
import type { Context } from "../../src/session.ts";
import { projectOf } from "./project-of.ts";

const flask = "from flask import Flask\n";
for (const [what, source, told] of [
  ["in main()", `${flask}def main():\n    app = Flask('a')\n    app.run()\n`, true],
  [
    "below the question for its name",
    `${flask}if __name__ == '__main__':\n    app = Flask('a')\n    app.run()\n`,
    true,
  ],
  ["nowhere", `${flask}def main():\n    app = make()\n`, false],
] as const) {
  test(`no app is found where one is made ${what}, ${told ? "which is told" : "and no more is told"}`, async (t) => {
    const project = await projectOf(t, { "run.py": source });
    const questions = await questionsFor({ options: { yes: true }, report: () => {} } as unknown as Context);
    await assert.rejects(chooseApp(project, {}, questions), (error) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.code, "app-not-found");
      assert.equal(/run\.py makes its app in main\(\)/.test(error.reason ?? ""), told);
      return true;
    });
  });
}
