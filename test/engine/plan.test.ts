import assert from "node:assert/strict";
import { test } from "node:test";
import type { Seen } from "../../src/engine/look.ts";
import { makePlan } from "../../src/engine/plan.ts";
import type { AnyResource, Live, Resource } from "../../src/engine/resource.ts";
import type { Inputs } from "../../src/inputs.ts";

const inputs = {} as Inputs;
const tags = {};

interface Network {
  size: number;
  place: string;
  secret?: string | null;
}

const network: Resource<Network, Network & Live> = {
  resource: "network",
  kind: "network",
  dependsOn: [],
  immutable: ["place"],
  find: async () => [],
  desired: () => ({ size: 2, place: "here" }),
};

const machine: Resource<{ networkId: string; version?: number }, { networkId: string; version: number } & Live> = {
  resource: "machine",
  kind: "machine",
  dependsOn: [network],
  renewedBy: () => ["version"],
  find: async () => [],
  desired: (_, need) => ({ networkId: need(network).id }),
};

const user: Resource<{ version: number }, { version: number } & Live> = {
  resource: "user",
  kind: "user",
  dependsOn: [machine],
  find: async () => [],
  desired: (_, need) => ({ version: need(machine).version }),
};

const all: AnyResource[] = [user, machine, network];
const seen = (owned: [AnyResource, object[]][], foreign: [AnyResource, object[]][] = []): Seen =>
  new Map(
    all.map((resource) => [
      resource,
      {
        owned: (owned.find(([each]) => each === resource)?.[1] ?? []) as Live[],
        foreign: (foreign.find(([each]) => each === resource)?.[1] ?? []) as Live[],
      },
    ]),
  );

test("nothing there: everything is created, in the order of the graph, unknown values said to be unknown", () => {
  const { changes, changed } = makePlan(all, seen([]), inputs);
  assert.equal(changed, true);
  assert.deepEqual(
    changes.map(({ resource, action }) => `${action} ${resource}`),
    ["create network", "create machine", "create user"],
  );
  assert.deepEqual(changes[1]?.fields, { networkId: { from: null, to: "(known after deploy)" } });
});

test("everything right: nothing changes", () => {
  const { changes, changed } = makePlan(
    all,
    seen([
      [network, [{ id: "n", tags, size: 2, place: "here" }]],
      [machine, [{ id: "m", tags, networkId: "n", version: 7 }]],
      [user, [{ id: "u", tags, version: 7 }]],
    ]),
    inputs,
  );
  assert.equal(changed, false);
  assert.ok(changes.every(({ action }) => action === "none"));
});

test("an update makes only those fields of its dependents unknown that it renews", () => {
  const { changes } = makePlan(
    all,
    seen([
      [network, [{ id: "n2", tags, size: 1, place: "here" }]],
      [machine, [{ id: "m", tags, networkId: "n", version: 7 }]],
      [user, [{ id: "u", tags, version: 7 }]],
    ]),
    inputs,
  );
  assert.deepEqual(
    changes.map(({ action, fields }) => [action, fields]),
    [
      ["update", { size: { from: 1, to: 2 } }],
      ["update", { networkId: { from: "n", to: "n2" } }],
      ["update", { version: { from: 7, to: "(known after deploy)" } }],
    ],
  );
});

test("what AWS cannot change in place is replaced, with the reason, and the old one goes last", () => {
  const { changes, steps } = makePlan(all, seen([[network, [{ id: "n", tags, size: 2, place: "there" }]]]), inputs);
  assert.deepEqual(
    changes.filter(({ resource }) => resource === "network").map(({ action }) => action),
    ["replace"],
    "told once, not as a deletion too",
  );
  assert.match(changes[0]?.why ?? "", /place/);
  assert.deepEqual(
    steps[0]?.surplus.map(({ id }) => id),
    ["n"],
  );
});

test("of two, the one that needs no replacement is kept and the other deleted", () => {
  const { changes } = makePlan(
    [network],
    seen([
      [
        network,
        [
          { id: "old", tags, size: 2, place: "there" },
          { id: "new", tags, size: 2, place: "here" },
        ],
      ],
    ]),
    inputs,
  );
  assert.deepEqual(
    changes.map(({ action, id }) => `${action} ${id}`),
    ["none new", "delete old"],
  );
});

test("a namesake of somebody else stops the plan", () => {
  assert.throws(() => makePlan([network], seen([], [[network, [{ id: "theirs", name: "x-dev", tags }]]]), inputs), {
    code: "name-taken",
  });
});

test("a name that somebody else has is not taken for the one that a replacement gets beside the old", () => {
  const named: AnyResource = { ...network, names: () => ["x-dev", "x-dev-b"] };
  const plan = (name: string) =>
    makePlan(
      [named],
      new Map([
        [
          named,
          {
            owned: [{ id: "n", name: "x-dev", tags, size: 2, place: "there" } as Live],
            foreign: [{ id: "theirs", name, tags }],
          },
        ],
      ]),
      inputs,
    );
  assert.throws(() => plan("x-dev-b"), { code: "name-taken", message: /x-dev-b/ });
  assert.equal(plan("x-dev").changes[0]?.action, "replace", "the old one's name is given back, not taken");
});

test("a new one is not told to be like another that is there and stays", () => {
  const like: AnyResource = {
    ...network,
    desired: (_inputs, _need, live) => ({ size: live?.size ?? 2, place: "here" }),
    choose: () => ({ surplus: [] }),
  };
  const { changes } = makePlan(
    [like],
    new Map([[like, { owned: [{ id: "n", tags, size: 7, place: "here" } as Live], foreign: [] }]]),
    inputs,
  );
  assert.deepEqual(changes[0]?.fields?.size, { from: null, to: 2 });
});
