import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { assertEnds } from "./documented.ts";

/** What AWS refuses, or cannot do, as the command tells it. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("errors-aws", { machines: false });
});
after(() => aws?.stop());

interface Refused {
  code: string;
  fault: object;
  /** The action that meets it; GetCallerIdentity without one. */
  action?: string;
  args?: string[];
  message?: RegExp;
  cause?: RegExp;
  fix: RegExp;
}

const named = ["--name", "hello", "--environment", "test"];
const user = "arn:aws:iam::123456789012:user/ci";
const refuse = (code: string, message?: string) => ({ kind: "refuse", code, ...(message ? { message } : {}) });
const deployed = () => ["deploy", "--yes", "--no-wait", "--image", aws.baseImageId];

/** Each error of AWS that `docs/errors.md` lists, by what causes it. */
const refusals: Record<string, Refused> = {
  "a permission of EC2": {
    code: "not-allowed",
    action: "CreateSecurityGroup",
    fault: { kind: "refuse" },
    message: /may not do ec2:CreateSecurityGroup\./,
    cause: /^UnauthorizedOperation: .*user\/moto is not authorized(?!.*Encoded)/s,
    fix: /allow ec2:CreateSecurityGroup on arn:aws:ec2:\S+:security-group\/\* to arn:aws:iam::\d+:user\/moto.*\n.*aws sts decode-authorization-message .*--encoded-message [\w-]{40}/s,
  },
  "a permission of Elastic Load Balancing": {
    code: "not-allowed",
    action: "CreateLoadBalancer",
    fault: { kind: "refuse" },
    message: /may not do elasticloadbalancing:CreateLoadBalancer\./,
    fix: /allow elasticloadbalancing:CreateLoadBalancer on arn:\S+ to arn:\S+:user\/moto/,
  },
  "another permission that a call needs": {
    code: "not-allowed",
    action: "CreateAutoScalingGroup",
    fault: refuse(
      "AccessDenied",
      `User: ${user} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/web because no identity-based policy allows the iam:PassRole action`,
    ),
    message: /may not do iam:PassRole, which autoscaling:CreateAutoScalingGroup needs/,
    fix: /allow iam:PassRole on arn:aws:iam::123456789012:role\/web to arn:aws:iam::123456789012:user\/ci/,
  },
  "the permissions of a launch": {
    code: "not-allowed",
    action: "CreateAutoScalingGroup",
    fault: refuse("AccessDenied", "You are not authorized to use launch template: lt-0123456789abcdef0"),
    message: /may not do ec2:RunInstances, which autoscaling:CreateAutoScalingGroup needs/,
    fix: /ec2:RunInstances and ec2:CreateTags, .*iam:PassRole/,
  },
  "an account without service-linked role": {
    code: "not-allowed",
    action: "CreateLoadBalancer",
    fault: refuse(
      "AccessDenied",
      `User: ${user} is not authorized to perform: iam:CreateServiceLinkedRole on resource: arn:aws:iam::123456789012:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing`,
    ),
    fix: /aws iam create-service-linked-role --aws-service-name elasticloadbalancing\.amazonaws\.com/,
  },
  "an explicit deny": {
    code: "not-allowed",
    action: "DescribeImages",
    args: ["status", ...named],
    fault: refuse(
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: ${user} is not authorized to perform: ec2:DescribeImages with an explicit deny in a service control policy`,
    ),
    fix: /A policy denies it.*ec2:DescribeImages/,
  },
  "a quota of load balancers": {
    code: "quota-reached",
    action: "CreateLoadBalancer",
    fault: { kind: "quota" },
    message: /"Application Load Balancers per Region" \(L-53DA6B97\)/,
    cause: /^TooManyLoadBalancers/,
    fix: /servicequotas\/home\/services\/elasticloadbalancing\/quotas\/L-53DA6B97/,
  },
  "a quota of security groups": {
    code: "quota-reached",
    action: "CreateSecurityGroup",
    fault: { kind: "quota" },
    message: /"VPC security groups per Region" \(L-E79EC296\)/,
    fix: /services\/vpc\/quotas\/L-E79EC296/,
  },
  "a quota of Auto Scaling groups": {
    code: "quota-reached",
    action: "CreateAutoScalingGroup",
    fault: { kind: "quota" },
    message: /"Auto Scaling groups per region" \(L-CDE20ADC\)/,
    fix: /services\/autoscaling\/quotas\/L-CDE20ADC/,
  },
  "a quota that nobody here knows": {
    code: "quota-reached",
    action: "CreateLaunchTemplate",
    fault: refuse("TemplateLimitExceeded"),
    fix: /Service Quotas console/,
  },
  "throttling without end": {
    code: "throttled",
    fault: { kind: "throttle" },
    cause: /2 attempts/,
    fix: /AWS_MAX_ATTEMPTS/,
  },
  "a fault of AWS's own": { code: "aws-failed", fault: { kind: "error" }, cause: /2 attempts/, fix: /Wait a minute/ },
  "a page of a gateway": {
    code: "aws-failed",
    fault: { kind: "error", status: 502 },
    cause: /^HTTP 502 \(after 2 attempts\)/,
    fix: /Wait a minute/,
  },
  "a page that throttles": {
    code: "throttled",
    fault: { kind: "throttle", status: 429 },
    cause: /^HTTP 429 \(after 2 attempts\)/,
    fix: /AWS_MAX_ATTEMPTS/,
  },
  "no answer": { code: "aws-unreachable", fault: { kind: "reset" }, cause: /2 attempts/, fix: /Check the network/ },
  "keys that AWS does not know": {
    code: "credentials-invalid",
    fault: refuse("InvalidClientTokenId"),
    fix: /Get new keys and set AWS_ACCESS_KEY_ID.*aws sts get-caller-identity/,
  },
  "keys that have expired": {
    code: "credentials-expired",
    fault: { kind: "expired" },
    fix: /Get new keys and set AWS_ACCESS_KEY_ID/,
  },
  "an account that is not signed up": {
    code: "opt-in-required",
    action: "DescribeSecurityGroups",
    args: ["status", ...named],
    fault: refuse("OptInRequired", "You are not subscribed to this service."),
    fix: /enable the region/,
  },
  "a VPC that is not there": {
    code: "aws-refused",
    action: "CreateSecurityGroup",
    fault: refuse("InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist"),
    fix: /network\.vpcId/,
  },
  "anything else": {
    code: "aws-refused",
    action: "CreateTargetGroup",
    fault: refuse("ValidationError", "The health check path is not good."),
    cause: /ValidationError: The health check path is not good\.$/,
    fix: /Mend what AWS names/,
  },
};

for (const [index, [what, { code, fault, action, args, message, cause, fix }]] of Object.entries(refusals).entries()) {
  test(`${what}: ${code}`, async (t) => {
    t.after(() => aws.control("faults", {}));
    await aws.control("faults", { rules: [{ action: action ?? "GetCallerIdentity", agent: "multivac", fault }] });
    // A stack of its own, which goes with the sandbox.
    const cwd = await configured(t, { name: `hello-${index}` });
    const command = args ?? (action ? deployed() : ["status", ...named]);
    const ran = await multivac([...command, "--json"], { cwd, env: { ...aws.env, AWS_MAX_ATTEMPTS: "2" } });
    assertEnds(ran, code, { exit: 1, fix, cause: cause ?? /./, message: message ?? /./ });
    const { error } = ran.json() as { error?: { action?: string } };
    assert.match(error?.action ?? "", new RegExp(`:${action ?? "GetCallerIdentity"}$`));
    assert.doesNotMatch(ran.stderr, /\n\s+at /, "no stack trace");
    assert.equal(ran.stderr.split(`(${code})`).length, 2, "told once");
  });
}

/** A folder with a config of the sandbox's own network, for runs that do not know that it is one. */
async function configured(t: TestContext, changes: object = {}): Promise<string> {
  const cwd = await temporaryFolder(t);
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  await writeConfig(cwd, { ...goodConfig, network, ...changes });
  return cwd;
}

const status = (cwd: string, env: Record<string, string>, ...more: string[]) =>
  multivac(["status", "--json", ...named, ...more], { cwd, env: { AWS_ENDPOINT_URL: aws.endpoint, ...env } });

test("an expired login of a profile: credentials-expired, and the command to log in again", async (t) => {
  const cwd = await temporaryFolder(t);
  const cache = path.join(cwd, ".aws", "sso", "cache");
  await mkdir(cache, { recursive: true });
  const session = { accessToken: "x", expiresAt: "2020-01-01T00:00:00Z", region: "eu-west-1" };
  const file = `${createHash("sha1").update("work").digest("hex")}.json`;
  await writeFile(path.join(cache, file), JSON.stringify(session));
  const config = path.join(cwd, "config");
  await writeFile(
    config,
    `[profile dev]
sso_session = work
sso_account_id = 123456789012
sso_role_name = dev
region = ap-southeast-2
[sso-session work]
sso_start_url = https://127.0.0.1/start
sso_region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::123456789012:role/prod
source_profile = dev
region = ap-southeast-2
`,
  );
  for (const [profile, args] of [
    ["dev", ["--profile", "dev"]],
    ["prod", ["--profile", "prod"]],
  ] as const) {
    const ran = await status(cwd, { HOME: cwd, AWS_CONFIG_FILE: config }, ...args);
    assert.equal(ran.code, 1, ran.stderr);
    assert.equal(ran.json().error?.code, "credentials-expired", `${profile}: ${ran.stderr}`);
    assert.match(ran.json().error?.fix ?? "", /aws sso login --profile dev/);
  }
  const none = await status(cwd, { HOME: cwd, AWS_CONFIG_FILE: config, AWS_REGION: "eu-west-1", AWS_PROFILE: "nope" });
  assert.equal(none.json().error?.code, "no-credentials");
  assert.match(none.json().error?.fix ?? "", /There is no profile nope/);
});

test("another account than the config's, and a bundle of certificates that is not there", async (t) => {
  const cwd = await configured(t, { accountId: "999999999999" });
  const other = await multivac(["plan", "--json", "--image", aws.baseImageId], { cwd, env: aws.env });
  assert.equal(other.code, 1);
  assert.equal(other.json().error?.code, "wrong-account");
  assert.match(other.json().error?.message ?? "", /123456789012.*999999999999/);
  const bundle = await status(cwd, { ...aws.env, AWS_CA_BUNDLE: path.join(cwd, "none.pem") });
  assert.equal(bundle.code, 1);
  assert.equal(bundle.json().error?.code, "ca-bundle-unreadable");
});
