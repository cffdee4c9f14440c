import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { fastClock } from "./clock.ts";
import { assertEnds } from "./documented.ts";

/** What keeps a first deploy from being done, once AWS has accepted everything. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("errors-first", { machines: false });
});
after(() => aws?.stop());

/** Stacks of their own, which go with the sandbox. */
let count = 0;

interface Setup {
  /** Longer than any wait of the test, unless it is about that. */
  gracePeriodSeconds?: number;
  env?: Record<string, string>;
  faults?: object[];
  settings?: object;
  sandbox?: boolean;
  /** What the app answers where it is healthy. */
  healthy?: number;
  name?: string;
}

async function deploy(t: TestContext, setup: Setup): Promise<Ran> {
  const { gracePeriodSeconds = 7200, env = {}, faults = [], settings = {}, sandbox = true, healthy = 200 } = setup;
  const { name = `first-${count++}` } = setup;
  const cwd = await temporaryFolder(t);
  const healthCheck = { status: `${healthy}`, intervalSeconds: 5, timeoutSeconds: 2, gracePeriodSeconds };
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  await writeConfig(cwd, { ...goodConfig, name, network, loadBalancer: { healthCheck } });
  t.after(async () => {
    await aws.control("faults", {});
    await aws.control("settings", { healthySeconds: 0.2, answer: 200 });
  });
  await aws.control("faults", { rules: faults });
  await aws.control("settings", { answer: healthy, ...settings });
  const command = ["deploy", "--yes", "--json", "--image", aws.baseImageId];
  return sandbox
    ? await multivac([...command, "--sandbox"], { cwd, env: { MULTIVAC_SANDBOX: aws.id, ...env } })
    : await multivac(command, { cwd, env: { ...aws.env, ...env } });
}

const launch = (fault: object) => ({ faults: [{ action: "RunInstances", agent: "autoscaling", fault }] });

const cases: Record<string, { setup: Setup; code: string; exit: number; cause?: RegExp; fix: RegExp }> = {
  "instances that end at their launch": {
    setup: launch({ kind: "fail", reason: "Client.InternalError: Client error on launch" }),
    code: "launch-failed",
    exit: 1,
    cause: /Client error on launch/,
    fix: /AWSServiceRoleForAutoScaling/,
  },
  "no room for an instance": {
    setup: launch({ kind: "capacity" }),
    code: "no-capacity",
    exit: 3,
    cause: /do not have sufficient t3\.micro capacity/,
    fix: /Go on waiting.*instances\.type/,
  },
  "a quota that ends launches": {
    setup: launch({ kind: "quota" }),
    code: "quota-reached",
    exit: 1,
    cause: /vCPU limit of 32/,
    fix: /quotas\/L-1216C47A/,
  },
  "a launch that Auto Scaling may not do": {
    setup: launch({
      kind: "refuse",
      code: "UnauthorizedOperation",
      message:
        "You are not authorized to perform this operation. User: arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling is not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:ap-southeast-2:123456789012:key/1",
    }),
    code: "not-allowed",
    exit: 1,
    fix: /allow kms:CreateGrant on \S+:key\/1 to \S+AWSServiceRoleForAutoScaling/,
  },
  "an app that answers 500": {
    setup: { gracePeriodSeconds: 5, settings: { answer: 500 }, env: fastClock(5) },
    code: "never-healthy",
    exit: 1,
    cause: /\[500\]/,
    fix: /kept for a look: \S+ \S+ status --sandbox/,
  },
  "a load balancer that does not get active": {
    setup: {
      faults: [{ action: "CreateLoadBalancer", fault: { kind: "slow", seconds: 3600 } }],
      env: fastClock(200),
    },
    code: "still-under-way",
    exit: 3,
    fix: /Go on waiting with: .*deploy /,
  },
  "a site that does not answer from here, after trouble longer than the attempts": {
    setup: {
      sandbox: false,
      // No other load balancer on this machine, which may have the same address, answers so.
      healthy: 299,
      faults: [{ action: "DescribeTargetHealth", times: 4, fault: { kind: "error" } }],
      env: { AWS_MAX_ATTEMPTS: "1", ...fastClock(30) },
    },
    code: "no-answer",
    exit: 3,
    fix: /loadBalancer\.allowFrom/,
  },
};

for (const [what, { setup, code, exit, cause, fix }] of Object.entries(cases)) {
  test(`${what}: ${code}`, async (t) => {
    const ran = await deploy(t, setup);
    assertEnds(ran, code, { exit, fix, ...(cause ? { cause } : {}) });
  });
}

test("a load balancer that takes longer than the grace period: only then an instance's time runs, and none is learned", async (t) => {
  const ran = await deploy(t, {
    name: "slow-lb",
    gracePeriodSeconds: 30,
    faults: [{ action: "CreateLoadBalancer", fault: { kind: "slow", seconds: 4 } }],
    env: fastClock(10),
  });
  assert.equal(ran.code, 0, ran.stderr);
  const names = { AutoScalingGroupNames: ["slow-lb-test"] };
  const { AutoScalingGroups } = await boto(aws.env, "autoscaling", "describe_auto_scaling_groups", names);
  assert.equal(AutoScalingGroups[0].DefaultInstanceWarmup, 1);
});

test("a wait is ended at once by what will not pass: permission, credentials", async (t) => {
  for (const [kind, code] of [
    ["refuse", "not-allowed"],
    ["expired", "credentials-expired"],
  ] as const) {
    await aws.calls();
    const ran = await deploy(t, { faults: [{ action: "DescribeTargetHealth", agent: "multivac", fault: { kind } }] });
    assertEnds(ran, code, { exit: 1 });
    const looks = (await aws.calls()).filter((call) => call.action === "DescribeTargetHealth");
    assert.equal(looks.length, 1);
  }
});

test("a group that somebody deletes meanwhile: group-gone", async (t) => {
  const deploying = deploy(t, { name: "gone", settings: { healthySeconds: 600 }, env: fastClock(30) });
  const AutoScalingGroupName = "gone-test";
  const names = { AutoScalingGroupNames: [AutoScalingGroupName] };
  const launched = async () => {
    const { AutoScalingGroups } = await boto(aws.env, "autoscaling", "describe_auto_scaling_groups", names);
    return AutoScalingGroups[0]?.Instances.length > 0;
  };
  await eventually(launched);
  await boto(aws.env, "autoscaling", "delete_auto_scaling_group", { AutoScalingGroupName, ForceDelete: true });
  const ran = await deploying;
  assertEnds(ran, "group-gone", { exit: 1 });
});
