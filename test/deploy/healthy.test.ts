import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { boto } from "../boto3.ts";
import { goodConfig, multivac, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { fastClock } from "../errors/clock.ts";
import { assertEnds } from "../errors/documented.ts";
import { eventually } from "../eventually.ts";
import { type OddEndpoint, startOddEndpoint } from "../odd-endpoint.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** When a deploy takes the site for healthy, where AWS answers late or in words that the sandbox has not. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("healthy", { machines: false });
});
after(() => aws?.stop());

interface Way {
  name: string;
  endpoint?: OddEndpoint;
  instances?: object;
  env?: Record<string, string>;
}

async function deploy(t: TestContext, { name, endpoint, instances = {}, env = {} }: Way): Promise<Ran> {
  const cwd = await temporaryFolder(t);
  const network = { vpcId: aws.vpcId, subnetIds: aws.subnetIds };
  await writeConfig(cwd, { app: goodConfig.app, name, network, instances });
  const through = endpoint ? { AWS_ENDPOINT_URL: endpoint.url } : {};
  const args = ["deploy", "--yes", "--json", "--image", aws.baseImageId];
  return await multivac(args, { cwd, env: { ...aws.env, ...through, ...env } });
}

test("a group that AWS still shows as before it was changed is not done with as many as it had", async (t) => {
  const endpoint = await startOddEndpoint(t, aws.endpoint);
  const read = /Action=DescribeAutoScalingGroups&/;
  endpoint.stale({ read, since: /Action=UpdateAutoScalingGroup&.*MinSize=3/, times: 3 });
  const first = await deploy(t, { name: "stale", endpoint });
  assert.equal(first.code, 0, first.stderr);
  const more = await deploy(t, { name: "stale", endpoint, instances: { min: 3, max: 3 } });
  assert.equal(more.code, 0, more.stderr);
  assert.equal(endpoint.told(), 3);
  const [group] = (await aws.state())["target-group"]?.filter(({ name }) => name?.startsWith("stale-")) ?? [];
  const targets = await boto(aws.env, "elbv2", "describe_target_health", { TargetGroupArn: group?.id });
  const states = (targets.TargetHealthDescriptions as { TargetHealth: { State: string } }[]).map(
    ({ TargetHealth }) => TargetHealth.State,
  );
  assert.deepEqual(states, ["healthy", "healthy", "healthy"]);
});

test("a load balancer that is impaired serves, and that is said", async (t) => {
  const endpoint = await startOddEndpoint(t, aws.endpoint);
  endpoint.instead("DescribeLoadBalancers", "<Code>active</Code>", "<Code>active_impaired</Code>");
  for (const run of ["first", "unchanged"]) {
    const ran = await deploy(t, { name: "impaired", endpoint });
    assert.equal(ran.code, 0, `${run}: ${ran.stderr}`);
    assert.match(ran.stderr, /The load balancer is impaired: it sends requests on/);
  }
});

test("a load balancer that somebody deletes meanwhile: load-balancer-gone", async (t) => {
  await aws.control("settings", { loadBalancerSeconds: 600 });
  t.after(() => aws.control("settings", { loadBalancerSeconds: 0.2 }));
  const deploying = deploy(t, { name: "gone", env: fastClock(30) });
  // By then all is made, and it is waited for.
  const serving = async () => {
    const state = await aws.state();
    const balancer = state["load-balancer"]?.find(({ name }) => name?.startsWith("gone-"));
    return balancer && state.listener?.some(({ raw }) => raw.LoadBalancerArn === balancer.id) && balancer.id;
  };
  const LoadBalancerArn = await eventually(serving);
  await boto(aws.env, "elbv2", "delete_load_balancer", { LoadBalancerArn });
  assertEnds(await deploying, "load-balancer-gone", { exit: 1, fix: /deploy/ });
});
