import assert from "node:assert/strict";
import { test } from "node:test";
import { allows } from "../../src/init/debian-packages.ts";
import { chooseSubnets, obviousVpc, offeredTypes, type PublicSubnet, type Vpc } from "../../src/init/network.ts";
import { fromPipfile, fromPoetry } from "../../src/init/poetry.ts";
import { requirementName } from "../../src/init/requirements.ts";

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
