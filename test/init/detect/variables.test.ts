import assert from "node:assert/strict";
import { test } from "node:test";
import { neededVariables } from "../../../src/init/detect/variables.ts";
import { projectOf } from "../project-of.ts";

const django = "import environ\nenv = environ.Env(DEBUG=(bool, False))\n";
const decouple = "from decouple import config\n";
for (const [source, needed] of [
  ['a = os.environ["X"]', ["X"]],
  ['os.environ["X"] = "1"', []],
  ['os.environ["X"] = "1"\na = os.environ["X"]', []],
  ['a = os.environ["X"] if "X" in os.environ else 1', []],
  ['if "X" in os.environ:\n    a = os.environ["X"]', []],
  ['if "X" not in os.environ:\n    raise Error()\na = os.environ["X"]', ["X"]],
  ['os.environ.setdefault("X", "1")\na = os.environ["X"]', []],
  ['try:\n    a = os.environ["X"]\nexcept KeyError:\n    a = 1\nb = os.environ["Y"]', ["Y"]],
  ['try:\n    a = os.environ["X"]\nexcept KeyError:\n    raise Error("X")', ["X"]],
  ['try:\n    import a\nexcept ImportError:\n    a = os.environ["X"]', ["X"]],
  [`${django}a = env("X")\nb = [env.str("Y"), {"c": env.db("Z")}]`, ["X", "Y", "Z"]],
  [`${django}a = env("X", default=None)\nb = env.bool("Y", False)\nc = env("DEBUG")\nenv.read_env("f")`, []],
  ['from environs import Env\nenv = Env()\na = env.int("X")', ["X"]],
  ['from environs import env\na = env.int("X")', ["X"]],
  [`${decouple}a = config("X")\nb = config("Y", cast=bool)`, ["X", "Y"]],
  [`${decouple}a = config("X", default="")\nb = config("Y", "")`, []],
  ['from ours import config, env\na = config("X")\nb = env("Y")', []],
  [`${decouple}try:\n    a = config("X")\nexcept UndefinedValueError:\n    a = 1`, []],
] as [string, string[]][]) {
  test(`the variables that this cannot do without: ${JSON.stringify(source)}`, async (t) => {
    const project = await projectOf(t, { "settings.py": `import os\n${source}\n` });
    assert.deepEqual(neededVariables(project, "settings.py"), needed);
  });
}

test("a reader that another module has made is known", async (t) => {
  const files = { "base.py": django, "prod.py": 'from base import env\na = env("X")\n' };
  assert.deepEqual(neededVariables(await projectOf(t, files), "prod.py"), ["X"]);
});
