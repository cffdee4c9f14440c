import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { packageRoot } from "../command-line.ts";
import { documented } from "./documented.ts";

/** The tests that bring each code about through the command. */
const byCommand: Record<string, string> = {
  "test/commands/validate.test.ts":
    "wrong-call config-not-found config-not-a-file config-encoding config-not-json config-invalid folder-gone",
  "test/config/environments.test.ts": "unknown-environment",
  "test/long/package.test.ts": "node-too-old",
  "test/ask.test.ts": "answered-no",
  "test/commands/refused.test.ts": "needs-yes no-region no-credentials",
  "test/commands/foreign.test.ts": "name-taken",
  "test/commands/init.test.ts": "file-exists config-not-writable app-not-found no-network several-networks",
  "test/commands/destroy-protection.test.ts": "deletion-protected",
  "test/commands/interrupted.test.ts": "interrupted",
  "test/commands/saved-plan.test.ts":
    "plan-unreadable plan-of-another-stack plan-outdated plan-not-writable plan-in-app",
  "test/commands/replace.test.ts": "change-unfinished",
  "test/commands/logs.test.ts": "instance-not-found which-instance no-way-in",
  "test/sandbox/reach.test.ts": "ssh-failed command-not-run",
  "test/commands/rollback.test.ts": "not-deployed release-not-found no-earlier-release",
  "test/commands/timeout.test.ts": "timed-out",
  "test/commands/trace.test.ts": "trace-not-writable trace-in-app",
  "test/commands/lock.test.ts": "locked lock-lost",
  "test/commands/sandbox-faults.test.ts": "faults-invalid",
  "test/commands/doctor.test.ts":
    "not-ready network-unfit type-not-offered key-pair-not-found instance-profile-not-found",
  "test/commands/policy.test.ts": "policy-too-long",
  "test/errors/aws.test.ts":
    "not-allowed quota-reached throttled aws-failed aws-unreachable aws-refused opt-in-required credentials-invalid credentials-expired wrong-account ca-bundle-unreadable",
  "test/errors/before.test.ts":
    "config-unreadable image-not-found image-not-available architecture-mismatch unknown-instance-type no-base-image packer-missing ansible-playbook-missing ssh-missing packer-plugins-missing packer-refuses-braces log-not-writable no-public-address bug",
  "test/errors/first-deploy.test.ts": "launch-failed no-capacity never-healthy still-under-way no-answer group-gone",
  "test/deploy/healthy.test.ts": "load-balancer-gone",
  "test/errors/rolls.test.ts":
    "roll-under-way roll-failed release-failed partly-rolled roll-finished left-behind still-deleting",
  "test/sandbox/whole-way.test.ts": "sandbox-differs",
  "test/errors/sandbox.test.ts":
    "invalid-sandbox-id sandbox-not-running missing-prerequisites sandbox-not-started port-taken moto-not-started no-package-sources base-root-failed",
};

/** Codes that need an hour, or real machines: brought about where they arise, below the command. */
const below: Record<string, string> = {
  "test/bake/source-archive.test.ts": "app-changed",
  "test/bake/bake.test.ts": "bake-failed bake-interrupted",
  "test/bake/bake-parts.test.ts": "bake-timed-out",
  "test/sandbox/machine/address-block.test.ts": "no-free-addresses",
  "test/sandbox/machine/failures.test.ts": "machine-did-not-boot machine-not-found load-balancer-failed",
};

/** Told by a destroy as the reason why something is left, in its sentence. */
const within: Record<string, [file: string, sentence: string]> = {
  "in-use": ["test/commands/destroy-remaining.test.ts", "in use by something that is not this stack's"],
};

const read = (file: string) => readFile(path.join(packageRoot, file), "utf8");

test("every code in docs/errors.md is brought about by a test, and every one that is stands there", () => {
  const tested = [...Object.values(byCommand), ...Object.values(below)].flatMap((codes) => codes.split(" "));
  assert.deepEqual([...tested, ...Object.keys(within)].sort(), [...documented.keys()].sort());
});

for (const [kind, files] of [
  ["through the command", byCommand],
  ["below it", below],
] as const) {
  for (const [file, codes] of Object.entries(files)) {
    test(`${file} brings about ${codes.split(" ").length} codes ${kind}`, async () => {
      const text = await read(file);
      if (files === byCommand)
        assert.match(text, /from "\.\.?\/(sandboxes|command-line|terminal)\.ts"|\.\.\/sandboxes/);
      for (const code of codes.split(" ")) assert.match(text, new RegExp(`"${code}"`), code);
    });
  }
}

test("what a destroy tells as a reason is told by a test of it", async () => {
  for (const [file, sentence] of Object.values(within)) assert.ok((await read(file)).includes(sentence), sentence);
});

test("each row tells exit code, meaning and what to do", () => {
  for (const [code, { exits, meaning, fix }] of documented) {
    assert.ok(exits.length > 0 && exits.every((exit) => [1, 3, 4, 5, 129, 130, 143].includes(exit)), code);
    assert.ok(meaning.trim().length > 10 && fix.trim().length > 3, code);
  }
});
