import assert from "node:assert/strict";
import { test } from "node:test";
import { sshProgram } from "../../src/reach/ssh.ts";
import { sessionProgram } from "../../src/reach/ssm.ts";

/** The programs that need an account: what they are called with. */

const call = {
  user: "ec2-user",
  address: "203.0.113.7",
  instanceId: "i-0123456789abcdef0",
  knownHosts: "/home/me/my state/known_hosts/1-r-hello",
  identity: undefined,
  command: undefined,
  batch: false,
  isTerminal: true,
};

test("ssh knows a host by its instance's id, in a file of its own, and trusts it on first sight alone", () => {
  const { file, args } = sshProgram(call);
  assert.equal(file, "ssh");
  for (const option of [
    "HostKeyAlias=i-0123456789abcdef0",
    'UserKnownHostsFile="/home/me/my state/known_hosts/1-r-hello"',
    "StrictHostKeyChecking=accept-new",
  ])
    assert.equal(args[args.indexOf(option) - 1], "-o");
  assert.deepEqual(args.slice(-3), ["-l", "ec2-user", "203.0.113.7"]);
  for (const none of ["BatchMode=yes", "IdentitiesOnly=yes", "-i", "-t"]) assert.ok(!args.includes(none));
});

test("a command of ssh's has a terminal where there is one, and asks for nothing where nobody could answer", () => {
  const shown = sshProgram({ ...call, command: "top -H", identity: "my key" }).args;
  assert.ok(shown.includes("IdentitiesOnly=yes"), "not those of the agent before it");
  assert.deepEqual(shown.slice(-8), ["-i", "my key", "-t", "-l", "ec2-user", "203.0.113.7", "--", "top -H"]);
  const read = sshProgram({ ...call, command: "true", batch: true, isTerminal: false }).args;
  assert.ok(read.includes("BatchMode=yes") && !read.includes("-t"));
});

test("a session of SSM's is in the region and by the profile of the command", () => {
  const place = { region: "eu-west-1", profile: undefined };
  const plain = ["ssm", "start-session", "--target", "i-1", "--region", "eu-west-1"];
  assert.deepEqual(sessionProgram("i-1", place), { file: "aws", args: plain });
  assert.deepEqual(sessionProgram("i-1", { ...place, profile: "p" }).args, [...plain, "--profile", "p"]);
});
