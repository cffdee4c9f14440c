import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { chooseSubnets, obviousVpc, offeredTypes, type PublicSubnet, type Vpc } from "../../src/init/network.ts";
import { fromPipfile, fromPoetry } from "../../src/init/poetry.ts";
import { surveyProject } from "../../src/init/project.ts";
import { findRequirements, requirementName } from "../../src/init/requirements.ts";
import { allows } from "../../src/init/specifier.ts";
import { temporaryFolder } from "../command-line.ts";
import { projectOf } from "./project-of.ts";

test("names of requirements are normalised, and lines that are none have no name", () => {
  const lines = [
    "Flask_SQLAlchemy==3.1",
    "zope.interface",
    "uvicorn[standard]>=0.1",
    " a ",
    "-r base.txt",
    "# x",
    "",
    "./lib",
  ];
  assert.deepEqual(lines.map(requirementName), [
    "flask-sqlalchemy",
    "zope-interface",
    "uvicorn",
    "a",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

for (const [given, expected] of [
  ["*", "x"],
  ["^2.3.1", "x>=2.3.1,<3.0.0"],
  ["^0.3", "x>=0.3,<0.4"],
  ["^0.0.3", "x>=0.0.3,<0.0.4"],
  ["^1", "x>=1,<2"],
  ["~1.2.3", "x>=1.2.3,<1.3.0"],
  ["~1", "x>=1,<2"],
  ["1.2", "x==1.2"],
  ["==1.*", "x==1.*"],
  [">=1, <2", "x>=1,<2"],
  ["~=1.4", "x~=1.4"],
  ["^1 || ^2", undefined],
  [
    { version: "^1.0", extras: ["a", "b"], markers: "sys_platform == 'linux'" },
    "x[a,b]>=1.0,<2.0 ; sys_platform == 'linux'",
  ],
  [{ path: "../x" }, undefined],
  [{ version: "^306", platform: "win32" }, "x>=306,<307 ; sys_platform == 'win32'"],
  [{ version: "1", platform: "!=darwin" }, "x==1 ; sys_platform != 'darwin'"],
  [{ version: "1", platform: "linux || darwin" }, undefined],
  [{ version: "1", python: "<3.8" }, "x==1 ; python_version < '3.8'"],
  [{ version: "*", python: "^3.8" }, "x ; python_version >= '3.8' and python_version < '4.0'"],
  [{ version: "*", python: ">=3.8.1" }, "x ; python_full_version >= '3.8.1'"],
  [{ version: "*", python: "*" }, "x"],
  [{ version: "*", python: "^2.7 || ^3.8" }, undefined],
  [{ version: "*", sys_platform: "== 'win32'" }, "x ; sys_platform == 'win32'"],
  [
    { version: "*", os_name: "== 'nt'", markers: "python_version < '3' or extra == 'a'" },
    "x ; os_name == 'nt' and (python_version < '3' or extra == 'a')",
  ],
  [{ version: "*", os_name: "nt" }, undefined],
  [{ version: "1", source: "ours" }, undefined],
  [{ version: "1", index: "ours" }, undefined],
  [{ version: "1", index: "pypi" }, "x==1"],
  [[{ version: "1" }], undefined],
] as [unknown, string | undefined][]) {
  test(`Poetry's ${JSON.stringify(given)} is ${expected}`, () => {
    assert.deepEqual(fromPoetry({ python: "^3.9", x: given, gone: { version: "1", optional: true } }), [
      { name: "x", line: expected },
    ]);
    assert.deepEqual(fromPipfile({ packages: { x: given }, "dev-packages": { y: "*" } }), [
      { name: "x", line: expected },
    ]);
  });
}

async function required(t: TestContext, files: Record<string, string | Buffer>) {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const found = findRequirements(await surveyProject(folder), "");
  return { lines: [...(found?.lines.values() ?? [])], unknown: found?.unknown };
}

for (const [what, file, text] of [
  [
    "uv's sources",
    "pyproject.toml",
    '[project]\ndependencies = ["flask", "Our_Lib>=1"]\n[tool.uv.sources]\nour-lib = { index = "ours" }\n',
  ],
  [
    "what Poetry adds to the project's dependencies",
    "pyproject.toml",
    '[project]\ndependencies = ["flask", "our-lib"]\n[tool.poetry.dependencies]\nour_lib = { source = "ours" }\nflask = { allow-prereleases = true }\n',
  ],
  [
    "Poetry's source",
    "pyproject.toml",
    '[tool.poetry.dependencies]\nflask = { version = "*", source = "PyPI" }\nour-lib = { version = "^1", source = "ours" }\n',
  ],
  [
    "Pipfile's index, by its address",
    "Pipfile",
    '[[source]]\nname = "pypi"\nurl = "https://ours.example/simple"\n[packages]\nflask = "*"\nour-lib = { version = "*", index = "pypi" }\n',
  ],
] as const) {
  test(`what comes from an index of its own is not taken for the public one's: ${what}`, async (t) => {
    assert.deepEqual(await required(t, { [file]: text }), { lines: ["flask"], unknown: ["our-lib"] });
  });
}

test("Poetry's groups come along that are not optional and not for developers", async (t) => {
  const group = (name: string, more = "") =>
    `[tool.poetry.group.${name}]\n${more}[tool.poetry.group.${name}.dependencies]\n${name}lib = "*"\n`;
  const groups = [
    group("db"),
    group("dev"),
    group("tests"),
    group("docs"),
    group("lint"),
    group("ml", "optional = true\n"),
  ];
  for (const main of ['[tool.poetry.dependencies]\nflask = "*"\n', '[project]\ndependencies = ["flask"]\n']) {
    const text = main + groups.join("");
    assert.deepEqual(await required(t, { "pyproject.toml": text }), { lines: ["dblib", "flask"], unknown: [] });
    const found = findRequirements(await projectOf(t, { "pyproject.toml": text, "poetry.lock": "" }), "");
    assert.equal(found?.exportCommand, "poetry export --without-hashes --with db -o requirements.txt");
  }
});

test("requirements in another folder and as Windows PowerShell writes them are read", async (t) => {
  const utf16 = Buffer.from("\ufeffflask==3.0.0\r\n", "utf16le");
  const bigEndian = Buffer.from("\ufeffredis==5.0.0\r\n", "utf16le").swap16();
  const { lines } = await required(t, {
    "requirements/production.txt": "-r ../base.txt\n-r ./more.txt\n",
    "requirements/more.txt": bigEndian,
    "base.txt": utf16,
  });
  assert.deepEqual(lines, ["flask==3.0.0", "redis==5.0.0"]);
});

test("whether Debian's version is one that a requirement takes", () => {
  const takes = (requirement: string) => allows(requirement, "2.2.2");
  for (const good of [
    "flask",
    "flask>=2",
    "flask==2.2.2",
    "flask==2.2.*",
    "flask~=2.1",
    "flask>1,<3,!=2.3",
    "flask<=2.2.2 ; python_version < '3'",
  ])
    assert.ok(takes(good), good);
  for (const bad of [
    "flask>=2.3",
    "flask==2.2",
    "flask~=2.1.0",
    "flask~=2.3",
    "flask<2",
    "flask!=2.2.*",
    "flask>2.2.2",
    "flask>=2,<2.2",
  ])
    assert.ok(!takes(bad), bad);
});

const subnet = (id: string, zone: string, freeAddresses: number): PublicSubnet => ({
  id,
  zone,
  freeAddresses,
  name: undefined,
  cidr: "",
});

test("subnets: one a zone with the most room, in the zones that offer the best type", () => {
  const subnets = [subnet("a1", "a", 10), subnet("a2", "a", 90), subnet("b", "b", 50), subnet("c", "c", 50)];
  const offered = new Map([
    ["a", new Set(["t3.micro", "t2.micro"])],
    ["b", new Set(["t2.micro"])],
    ["c", new Set(["t3.micro", "t3.small"])],
  ]);
  const ids = (found: PublicSubnet[]) => found.map(({ id }) => id);
  assert.deepEqual(ids(chooseSubnets(subnets, offered)), ["a2", "c"], "b has no t3.micro");
  assert.deepEqual(ids(chooseSubnets(subnets, new Map())), ["a2", "b"]);
  assert.deepEqual(offeredTypes(offered, ["a", "b"]), ["t2.micro"]);
  assert.deepEqual(offeredTypes(offered, ["b", "c"]), []);
});

test("the VPC to take without asking", () => {
  const vpc = (id: string, { marked = false, isDefault = false, zones = ["a", "b"] } = {}): Vpc => ({
    ...{ id, marked, isDefault, name: undefined, cidr: "" },
    subnets: zones.map((zone) => subnet(`${id}${zone}`, zone, 99)),
  });
  const taken = (...vpcs: Vpc[]) => obviousVpc(vpcs)?.id;
  assert.equal(taken(vpc("x"), vpc("y", { isDefault: true })), "y");
  assert.equal(taken(vpc("x", { marked: true }), vpc("y", { isDefault: true })), "x");
  assert.equal(taken(vpc("x", { zones: ["a", "a"] }), vpc("y")), "y", "the only fit one");
  assert.equal(taken(vpc("x"), vpc("y", { isDefault: true, zones: ["a"] })), "x");
  assert.equal(taken(vpc("x"), vpc("y")), undefined);
  assert.equal(taken(vpc("x", { marked: true }), vpc("y", { marked: true })), undefined);
});
