import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { surveyProject } from "../../../src/init/project.ts";
import { pythonNeed } from "../../../src/init/python/version.ts";
import { requirementName } from "../../../src/init/requirements.ts";
import { systemFor } from "../../../src/init/system.ts";
import { temporaryFolder } from "../../command-line.ts";

for (const [file, text, atLeast, os] of [
  ["a.py", "x = 1", 0, "amazon-linux-2023"],
  ["a.py", "def f(x: str | None = None): ...", 10, "ubuntu-24.04"],
  ["a.py", "from __future__ import annotations\ndef f(x: str | None): ...", 0, "amazon-linux-2023"],
  ["a.py", "flags = A | None", 0, "amazon-linux-2023"],
  ["a.py", "class A:\n    name: None | str = None", 10, "ubuntu-24.04"],
  ["a.py", "match x:\n    case 1:\n        pass", 10, "ubuntu-24.04"],
  ["a.py", "match = x\ncase = 1", 0, "amazon-linux-2023"],
  ["a.py", "import tomllib", 11, "ubuntu-24.04"],
  ["a.py", "try:\n    import tomllib\nexcept ImportError:\n    import tomli", 0, "amazon-linux-2023"],
  ["a.py", "try:\n    f()\nexcept* ValueError:\n    pass", 11, "ubuntu-24.04"],
  ["a.py", "type Name = str", 12, "ubuntu-24.04"],
  ["a.py", "def first[T](x: T): ...", 12, "ubuntu-24.04"],
  ["a.py", "def index() -> Response | str: ...", 10, "ubuntu-24.04"],
  ["a.py", "x: int | str = 1", 10, "ubuntu-24.04"],
  ["a.py", "async def f(*rest: dict[str, int | str]): ...", 10, "ubuntu-24.04"],
  ["a.py", "def f(flags: int = A | B) -> int: return A | B", 0, "amazon-linux-2023"],
  ["a.py", "try:\n    pass\nexcept E: pass\nelse: a | b", 0, "amazon-linux-2023"],
  ["a.py", "x: 'int | str' = A | B", 0, "amazon-linux-2023"],
  ["a.py", "import datetime\nnow = datetime.datetime.now(datetime.UTC)", 11, "ubuntu-24.04"],
  ["a.py", "from datetime import datetime\nnow = datetime.UTC", 0, "amazon-linux-2023"],
  ["a.py", "import enum as e\nclass A(e.StrEnum): ...", 11, "ubuntu-24.04"],
  ["a.py", "import asyncio\nasync def f():\n    async with asyncio.TaskGroup() as g: ...", 11, "ubuntu-24.04"],
  ["a.py", "import sys, enum\nif sys.version_info >= (3, 11):\n    A = enum.StrEnum", 0, "amazon-linux-2023"],
  ["pyproject.toml", '[project]\nrequires-python = ">=3.10,<3.12"', 10, "debian-12"],
  ["pyproject.toml", '[project]\nrequires-python = "==3.11.*"', 11, "debian-12"],
  ["pyproject.toml", '[project]\nrequires-python = "~=3.11"', 11, "ubuntu-24.04"],
  ["pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.9"', 9, "amazon-linux-2023"],
  ["pyproject.toml", '[tool.poetry.dependencies]\npython = "3.11.*"', 11, "debian-12"],
  ["pyproject.toml", '[tool.poetry.dependencies]\npython = "3.11"', 11, "debian-12"],
  ["pyproject.toml", '[project]\nrequires-python = ">= 3.9, != 3.10.*"', 9, "amazon-linux-2023"],
  ["pyproject.toml", "not toml", 0, "amazon-linux-2023"],
  ["Pipfile", '[requires]\npython_version = "3.11"', 11, "ubuntu-24.04"],
  ["runtime.txt", "python-3.10.4", 10, "ubuntu-24.04"],
  [".python-version", "3.13\n", 13, "ubuntu-24.04"],
] as [string, string, number, string][]) {
  test(`${file}: ${JSON.stringify(text)} asks for Python 3.${atLeast}, so ${os}`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(path.join(folder, file), text);
    const need = pythonNeed(await surveyProject(folder), "", new Map());
    assert.equal(need.atLeast, atLeast);
    const system = systemFor(need);
    assert.equal(system.os, os);
    assert.equal(system.note !== undefined, os !== "amazon-linux-2023");
    if (atLeast === 13) assert.match(system.note ?? "", /which no system here has/);
  });
}

test("a pinned Django brings its own", async (t) => {
  const project = await surveyProject(await temporaryFolder(t));
  const need = (line: string) => pythonNeed(project, "", new Map([["django", line]])).atLeast;
  assert.deepEqual(["django", "Django==4.2.1", "django>=5,<6", "Django~=6.0"].map(need), [0, 0, 10, 12]);
});

for (const [line, atLeast] of [
  ["click==8.2.1", 10],
  ["click==8.1.8", 0],
  ["numpy==2.1", 10],
  ["numpy==2.3.0", 11],
  ["numpy>=1.26", 0],
  ["pandas==3", 11],
  ["fastapi==0.142.2", 10],
  ["scikit-learn~=1.7.0", 10],
  ["numpy==2.3.0 ; python_version >= '3.11'", 0],
] as const) {
  test(`${line} asks for ${atLeast ? `Python 3.${atLeast}` : "no Python of its own"}`, async (t) => {
    const project = await surveyProject(await temporaryFolder(t));
    const need = pythonNeed(project, "", new Map([[requirementName(line) ?? "", line]]));
    assert.equal(need.atLeast, atLeast);
    assert.equal(need.why !== "", atLeast > 0);
  });
}
