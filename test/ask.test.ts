import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { goodConfig, temporaryFolder, writeConfig } from "./command-line.ts";
import { ofStack, startSandbox, type TestSandbox } from "./sandboxes.ts";
import { keys, multivacOnTerminal } from "./terminal.ts";

/** Questions, answered on a terminal. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("ask", { machines: false });
});
after(() => aws?.stop());

async function onTerminal(t: TestContext, args: string[], question: string, text: string, columns = 100) {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, goodConfig);
  await aws.calls();
  const ran = await multivacOnTerminal([...args, "--json", "--sandbox"], {
    cwd,
    env: { MULTIVAC_SANDBOX: aws.id },
    typed: [[question, text]],
    columns,
  });
  const changing = (await aws.calls()).filter((call) => call.changing);
  return { ...ran, changing, error: JSON.parse(ran.stdout).error };
}

const deploy = () => ["deploy", "--image", aws.baseImageId];
const here = async () => Object.keys(ofStack(await aws.state(), "hello", "test"));

for (const [what, text, code, error] of [
  ["Ctrl-C", keys.interrupt, 130, "interrupted"],
  ["Ctrl-D", keys.endOfInput, 1, "answered-no"],
  ["enter alone", keys.enter, 1, "answered-no"],
  ["no", `no${keys.enter}`, 1, "answered-no"],
] as const) {
  test(`${what} at deploy's question changes nothing and exits with ${code}`, async (t) => {
    const ran = await onTerminal(t, deploy(), "Deploy this? [y/N]", text);
    assert.equal(ran.code, code, ran.screen);
    assert.equal(ran.error.code, error);
    assert.match(ran.screen, /\+ load-balancer\S* +create/, "what the question is about is shown");
    assert.deepEqual(ran.changing, []);
    if (text !== keys.interrupt) return;
    assert.match(ran.screen, /\r\n\S*✖\S* \S*Interrupted\. Nothing was changed\./, "on a line of its own");
    assert.doesNotMatch(ran.screen, /Stopping|made so far|Go on with/);
  });
}

test("yes deploys; destroy asks for the stack's name, and Ctrl-C or another name changes nothing", async (t) => {
  const deployed = await onTerminal(t, deploy(), "Deploy this? [y/N]", `y${keys.enter}`);
  assert.equal(deployed.code, 0, deployed.screen);
  assert.ok(deployed.changing.length > 0);

  for (const [text, code, error] of [
    [keys.interrupt, 130, "interrupted"],
    [`hello-test${keys.enter}`, 1, "answered-no"],
  ] as const) {
    const kept = await onTerminal(t, ["destroy"], "Type hello", text);
    assert.deepEqual([kept.code, kept.error.code], [code, error], kept.screen);
    if (code === 1) assert.match(kept.screen, /What was typed is not hello\./);
    assert.deepEqual(kept.changing, []);
  }
  assert.ok((await here()).includes("load-balancer"));

  const destroyed = await onTerminal(t, ["destroy"], "Type hello", `hello${keys.enter}`);
  assert.equal(destroyed.code, 0, destroyed.screen);
  assert.deepEqual(await here(), []);
});

test("on a terminal that does not tell its width progress is plain lines", async (t) => {
  const deployed = await onTerminal(t, deploy(), "Deploy this? [y/N]", `y${keys.enter}`, 0);
  assert.equal(deployed.code, 0, deployed.screen);
  assert.match(deployed.screen, /^ {2}instances healthy: 1 of 1 healthy\r$/m);
});
