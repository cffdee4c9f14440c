import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { execa } from "execa";
import { bakeFailure } from "../../src/bake/bake-failure.ts";
import { packerEnvironment } from "../../src/bake/environment.ts";
import { followLines } from "../../src/bake/follow.ts";
import { openLog } from "../../src/bake/log.ts";
import { imageOfManifest } from "../../src/bake/manifest.ts";
import { buildArguments } from "../../src/bake/packer.ts";
import { playbookVariables } from "../../src/bake/playbook-variables.ts";
import { initArguments } from "../../src/bake/plugins.ts";
import { releaseInputs } from "../../src/bake/release-inputs.ts";
import { findTools } from "../../src/bake/tools.ts";
import { order } from "./orders.ts";

it("Packer's arguments", () => {
  assert.deepEqual(buildArguments({ template: "/w/app.pkr.hcl", templateVariables: "/w/app.pkrvars.json" }), [
    "build",
    "-machine-readable",
    "-var-file=/w/app.pkrvars.json",
    "/w/app.pkr.hcl",
  ]);
  assert.deepEqual(initArguments("/w/app.pkr.hcl"), ["init", "/w/app.pkr.hcl"]);
});

it("packerEnvironment keeps the person's AWS and Ansible settings out", () => {
  const inherited = {
    PATH: "/bin",
    HTTPS_PROXY: "http://proxy",
    PACKER_GITHUB_API_TOKEN: "token",
    AWS_CA_BUNDLE: "/ca.pem",
    AWS_PROFILE: "work",
    AWS_ENDPOINT_URL: "http://elsewhere",
    AWS_MAX_ATTEMPTS: "10",
    AWS_RETRY_MODE: "adaptive",
    ANSIBLE_STDOUT_CALLBACK: "json",
    PKR_VAR_region: "mars",
  };
  const { ANSIBLE_CONFIG, LC_ALL, ...env } = packerEnvironment(
    inherited,
    { AWS_ACCESS_KEY_ID: "id" },
    { temporary: "/w/tmp", ansibleHome: "/w/ansible", connections: "/w/cp" },
  );
  assert.match(ANSIBLE_CONFIG ?? "", /ansible\.cfg$/);
  assert.match(LC_ALL ?? "", /UTF-8$/);
  assert.deepEqual(env, {
    PATH: "/bin",
    HTTPS_PROXY: "http://proxy",
    PACKER_GITHUB_API_TOKEN: "token",
    AWS_CA_BUNDLE: "/ca.pem",
    AWS_ACCESS_KEY_ID: "id",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    CHECKPOINT_DISABLE: "1",
    TMPDIR: "/w/tmp",
    ANSIBLE_HOME: "/w/ansible",
    ANSIBLE_LOCAL_TEMP: "/w/tmp",
    ANSIBLE_SSH_CONTROL_PATH_DIR: "/w/cp",
    ANSIBLE_NOCOLOR: "1",
    PYTHONUNBUFFERED: "1",
  });
});

it("playbookVariables reach Ansible as they are", async () => {
  const odd = "{{ 1 + 1 }} \"q\" 'q' \\ \n\t\u0085\u2028 ü 🐎 $HOME %";
  const folder = await mkdtemp(path.join(tmpdir(), "multivac-variables-"));
  const file = path.join(folder, "variables.yml");
  const { app } = order();
  await writeFile(
    file,
    playbookVariables(
      order({ timezone: odd, app: { ...app, command: "x", module: undefined, packages: [odd, "two"] } }),
      "/w/a.tar.gz",
      "/w/run",
    ),
  );
  const names = ["base_timezone", "app_packages", "app_archive", "app_module", "app_command_file", "app_requirements"];
  const message = `msg={{ [${names.join(", ")}] | to_json | b64encode }}`;
  try {
    const args = ["localhost", "-m", "ansible.builtin.debug", "-a", message, "--extra-vars", `@${file}`];
    const { stdout } = await execa("ansible", args, { env: { ANSIBLE_NOCOLOR: "1", LC_ALL: "C.UTF-8" } });
    const encoded = /"msg": "([^"]*)"/.exec(stdout)?.[1] ?? "";
    const values = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    assert.deepEqual(values, [odd, [odd, "two"], "/w/a.tar.gz", "", "/w/run", "requirements.txt"]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("imageOfManifest", () => {
  const manifest = (last: string) =>
    JSON.stringify({
      last_run_uuid: last,
      builds: [
        { packer_run_uuid: "one", artifact_id: "us-east-1:ami-1" },
        { packer_run_uuid: "two", artifact_id: "us-east-1:ami-2" },
      ],
    });

  it("gives the last run's image", () => assert.equal(imageOfManifest(manifest("two")), "ami-2"));
  it("gives none of another run", () => assert.equal(imageOfManifest(manifest("three")), undefined));
});

describe("bakeFailure", () => {
  const logFile = "/log/bake.log";

  it("names Ansible's task before Packer's error", () => {
    const failure = bakeFailure({
      result: { exitCode: 1 },
      ansible: { task: "app : Unpack the app", excerpt: "not a tar" },
      packer: "Non-zero exit status: 2",
      logFile,
    });
    assert.deepEqual(
      [failure.code, failure.message, failure.reason, failure.fix],
      [
        "bake-failed",
        'The bake failed in Ansible\'s task "app : Unpack the app".',
        "not a tar",
        "Mend what the task names, then run again: multivac …\nSee the full log: /log/bake.log",
      ],
    );
  });

  for (const excerpt of [
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "tar: ./large: Cannot write: No space left on device",
    "E: You don't have enough free space in /var/cache/apt/archives/.",
    "At least 120MB more space needed on the / filesystem.",
    "installing package x needs 64MB more space on the / filesystem",
  ]) {
    it(`tells what makes room where there is none: ${excerpt}`, () => {
      const ansible = { task: "app : Unpack the app", excerpt };
      const failure = bakeFailure({ result: { exitCode: 1 }, ansible, logFile });
      assert.deepEqual([failure.code, failure.reason], ["bake-failed", excerpt]);
      assert.match(failure.message, /the builder's disk is full/);
      assert.match(failure.fix ?? "", /Raise instances\.volumeGiB.*\n.*bake\.log/);
    });
  }

  it("adds the next step for what is often met", () => {
    const failure = bakeFailure({ result: { exitCode: 1 }, packer: "Timeout waiting for SSH.", logFile });
    assert.match(failure.fix ?? "", /port 22.*\n.*\n.*bake\.log/);
  });

  const unauthorized =
    "UnauthorizedOperation: You are not authorized to perform this operation. User: arn:aws:iam::1:user/ci is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:1:instance/* because no identity-based policy allows it. Encoded authorization failure message: AbC_-d";
  for (const [what, packer, code, message, fix] of [
    [
      "a refusal, as Packer 1.6 writes it",
      `Error launching source instance: ${unauthorized}\n\tstatus code: 403, request id: fea118ba-205e`,
      "not-allowed",
      /may not do ec2:RunInstances/,
      /user\/ci.*\n.*multivac policy\n.*older than 1\.7.*multivac policy old-packer\n.*--encoded-message AbC_-d\n.*bake\.log/,
    ],
    [
      "a quota, as newer ones write it",
      "error launching source instance: operation error EC2: RunInstances, https response error StatusCode: 400, RequestID: fea118ba-205e, api error VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows",
      "quota-reached",
      /L-1216C47A/,
      /servicequotas.*\n.*bake\.log/,
    ],
    [
      "no capacity",
      "Error launching source instance: InsufficientInstanceCapacity: We currently do not have sufficient t3.small capacity\n\tstatus code: 500, request id: fea118ba-205e",
      "no-capacity",
      /capacity/,
      /Wait for capacity/,
    ],
  ] as const) {
    it(`tells ${what} as one of AWS`, () => {
      const failure = bakeFailure({ result: { exitCode: 1 }, packer, logFile });
      assert.equal(failure.code, code);
      assert.match(failure.message, message);
      assert.match(failure.fix ?? "", fix);
      assert.equal(failure.requestId, "fea118ba-205e");
      assert.doesNotMatch(failure.reason ?? "", /AbC_-d|status code/);
    });
  }

  it("tells an interruption, a kill and a time limit apart", () => {
    const codes = (["asked", "killed", "timed-out"] as const).map((stopped) => {
      const { code, reason, exitCode } = bakeFailure({ result: { stopped }, logFile });
      return [code, reason?.slice(0, 9), exitCode];
    });
    assert.deepEqual(codes, [
      ["bake-interrupted", "Packer ha", 130],
      ["bake-interrupted", "A builder", 130],
      ["bake-timed-out", "No bake m", 1],
    ]);
  });
});

describe("findTools", () => {
  /** A folder that is all of PATH, with the programs given by what they print. */
  const withPrograms = async (
    programs: Record<string, string>,
    work: (env: Record<string, string>) => Promise<void>,
  ) => {
    const folder = await mkdtemp(path.join(tmpdir(), "multivac-path-"));
    for (const [name, prints] of Object.entries(programs)) {
      await writeFile(path.join(folder, name), `#!/bin/sh\necho '${prints}'\n`);
      await chmod(path.join(folder, name), 0o755);
    }
    await work({ PATH: folder }).finally(() => rm(folder, { recursive: true }));
  };
  const packer = "Packer v1.6.6";
  const ansible = "ansible-playbook [core 2.14.18]";
  const ssh = "OpenSSH";

  it("reads Packer's version", () =>
    withPrograms({ packer, "ansible-playbook": ansible, ssh }, async (env) => {
      assert.deepEqual(await findTools(env), { packer: { major: 1, minor: 6, patch: 6 } });
    }));

  for (const [what, programs, expected] of [
    ["no Packer", { "ansible-playbook": ansible, ssh }, { code: "packer-missing", fix: /apt-get install packer/ }],
    [
      "cracklib's packer",
      { packer: "0 0", "ansible-playbook": ansible, ssh },
      { code: "packer-missing", reason: /another program/ },
    ],
    ["an old Packer", { packer: "Packer v1.6.5", "ansible-playbook": ansible, ssh }, { reason: /1\.6\.5 is too old/ }],
    ["no Ansible", { packer, ssh }, { code: "ansible-playbook-missing", fix: /ansible-core/ }],
    ["an old Ansible", { packer, "ansible-playbook": "ansible-playbook 2.9.6", ssh }, { reason: /2\.9\.6 is too old/ }],
    ["no ssh", { packer, "ansible-playbook": ansible }, { code: "ssh-missing" }],
  ] as const) {
    it(`names ${what}`, () =>
      withPrograms(programs as Record<string, string>, async (env) => {
        await assert.rejects(findTools(env), expected);
      }));
  }
});

it("followLines gives every line of a file that grows, a character torn apart too", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "multivac-follow-"));
  const file = path.join(folder, "output");
  const ended = new AbortController();
  const bytes = Buffer.from("one\nzwölf\nlast");
  await writeFile(file, bytes.subarray(0, 7));
  setTimeout(async () => {
    await writeFile(file, bytes.subarray(7), { flag: "a" });
    ended.abort();
  }, 150);
  const lines: string[] = [];
  for await (const line of followLines(file, ended.signal)) lines.push(line);
  assert.deepEqual(lines, ["one", "zwölf", "last"]);
  await rm(folder, { recursive: true });
});

it("openLog says where it may not write", async () => {
  await assert.rejects(openLog(path.join(devNull, "bake.log")), { code: "log-not-writable", message: /bake\.log/ });
});

it("releaseInputs lists what shapes the image, and nothing that does not", async () => {
  const inputs = await releaseInputs();
  const paths = inputs.map((input) => input.path);
  for (const expected of [
    "ansible/playbook.yml",
    "ansible/roles/app/tasks/main.yml",
    "ansible/roles/base/files/seal.sh",
    "packer/app.pkr.hcl",
    "templates/app.service.j2",
  ]) {
    assert.ok(paths.includes(expected), expected);
  }
  assert.deepEqual(paths, [...paths].sort());
  assert.ok(!paths.some((name) => name.startsWith("templates/app/")));
  assert.ok(inputs.every(({ content }) => content.length > 0));
});
