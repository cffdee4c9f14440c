import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { watchAnsible } from "../../src/bake/ansible-failure.ts";
import { parseMessage, spokenText } from "../../src/bake/machine-readable.ts";
import { narrate } from "../../src/bake/narrate.ts";

/** What real runs of Packer 1.6.6 printed. */
const recorded = (name: string) => readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), "utf8").split("\n");

function texts(name: string): string[] {
  return recorded(name).flatMap((line) => {
    const message = parseMessage(line);
    return (message && spokenText(message)) ?? [];
  });
}

function ansibleFailure(name: string) {
  const ansible = watchAnsible();
  for (const text of texts(name)) ansible.line(text);
  return ansible.failure();
}

describe("narrate", () => {
  const told = texts("success").flatMap((text) => narrate(text) ?? []);

  it("tells each step of a bake in its order", () => {
    const steps = told.filter((text, index) => text !== told[index - 1] && !/^(base|app): /.test(text));
    assert.deepEqual(steps, [
      "checking name and network",
      "making a temporary key pair",
      "making a temporary security group",
      "starting the builder",
      "waiting for the builder i-8c1985d7d3e67a71b",
      "waiting for SSH",
      "connected to the builder",
      "starting Ansible",
      "Gathering Facts",
      "stopping the builder",
      "waiting for the builder to stop",
      "creating the AMI",
      "waiting for ami-f3478a3a78f506383",
      "tagging the AMI",
      "taking down the builder",
    ]);
  });

  it("tells Ansible's role and task", () => {
    assert.ok(told.includes("base: Apply updates"));
    assert.ok(told.includes("app: Unpack the app"));
  });

  it("says nothing about tags and results", () => {
    assert.equal(narrate('Adding tag: "Name": "x"'), undefined);
    assert.equal(narrate("Creating AMI tags"), undefined);
    assert.equal(narrate("changed: [default]"), undefined);
  });
});

describe("parseMessage", () => {
  it("undoes Packer's escapes", () => {
    assert.deepEqual(parseMessage("17,amazon-ebs.app,error,one%!(PACKER_COMMA) two\\nthree"), {
      target: "amazon-ebs.app",
      type: "error",
      data: ["one, two\nthree"],
    });
  });

  it("gives undefined for what Packer did not write in its format", () => {
    assert.equal(parseMessage("panic: runtime error"), undefined);
    assert.equal(parseMessage(""), undefined);
  });
});

describe("watchAnsible", () => {
  it("finds nothing in a good run", () => {
    assert.equal(ansibleFailure("success"), undefined);
  });

  it("gives the module's message", () => {
    assert.deepEqual(ansibleFailure("bad-package"), {
      task: "base : Install packages",
      excerpt: "No package matching 'no-such-package' is available",
    });
  });

  it("gives what a command printed last, without its warnings", () => {
    assert.deepEqual(ansibleFailure("bad-requirement"), {
      task: "app : Install the requirements",
      excerpt:
        "ERROR: Could not find a version that satisfies the requirement no-such-thing-at-all>=99 (from versions: none)\n" +
        "ERROR: No matching distribution found for no-such-thing-at-all>=99",
    });
  });

  it("takes the first failure, an item's and an unreachable builder too", () => {
    const ansible = watchAnsible();
    ansible.line("TASK [base : One] ****");
    ansible.line('failed: [default] (item=x) => {"msg": "no x"}');
    ansible.line("TASK [base : Two] ****");
    ansible.line('fatal: [default]: UNREACHABLE! => {"msg": "gone"}');
    assert.deepEqual(ansible.failure(), { task: "base : One", excerpt: "no x" });
  });

  it("keeps a long message short", () => {
    const ansible = watchAnsible();
    ansible.line(`fatal: [default]: FAILED! => {"msg": "${"x".repeat(5000)}"}`);
    assert.ok((ansible.failure()?.excerpt.length ?? 0) < 900);
  });
});
