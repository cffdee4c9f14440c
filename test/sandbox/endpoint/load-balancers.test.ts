import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  CreateTargetGroupCommand,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  ModifyLoadBalancerAttributesCommand,
  type ProtocolEnum,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { eventually } from "../../eventually.ts";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest({ loadBalancerSeconds: 0.5 });
});
after(() => aws.close());

async function createLoadBalancer(Name: string, more: Partial<CreateLoadBalancerCommandInput> = {}) {
  const { LoadBalancers = [] } = await aws.loadBalancing.send(
    new CreateLoadBalancerCommand({ Name, Subnets: aws.network.subnetIds, ...more }),
  );
  return { arn: LoadBalancers[0]?.LoadBalancerArn ?? "", ...LoadBalancers[0] };
}

async function createTargetGroup(Name: string, Port = 80): Promise<string> {
  const { TargetGroups = [] } = await aws.loadBalancing.send(
    new CreateTargetGroupCommand({ Name, Protocol: "HTTP", Port, VpcId: aws.network.vpcId }),
  );
  return TargetGroups[0]?.TargetGroupArn ?? "";
}

async function createListener(
  LoadBalancerArn: string,
  TargetGroupArn: string,
  Port = 80,
  protocol: ProtocolEnum = "HTTP",
) {
  const { Listeners = [] } = await aws.loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: protocol,
      Port,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
  return Listeners[0]?.ListenerArn ?? "";
}

const deleteTargetGroup = (TargetGroupArn: string) =>
  aws.loadBalancing.send(new DeleteTargetGroupCommand({ TargetGroupArn }));

test("a load balancer is provisioning, then active, at a loopback address of its own", async () => {
  const [one, two] = [await createLoadBalancer("one"), await createLoadBalancer("two")];
  assert.equal(one.State?.Code, "provisioning");
  assert.match(one.DNSName ?? "", /^127\.\d+\.\d+\.\d+$/);
  assert.notEqual(one.DNSName, two.DNSName);
  await eventually(async () => {
    const { LoadBalancers = [] } = await aws.loadBalancing.send(new DescribeLoadBalancersCommand({ Names: ["one"] }));
    return LoadBalancers[0]?.State?.Code === "active";
  });
});

test("load balancers that are made at the same time have an address each, and can be deleted at the same time", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const made = await Promise.all(names.map((name) => createLoadBalancer(name)));
  assert.equal(new Set(made.map(({ DNSName }) => DNSName)).size, made.length);

  const listeners = await Promise.all(
    made.map(async ({ arn }, n) => createListener(arn, await createTargetGroup(names[n] ?? ""))),
  );
  await Promise.all([
    ...listeners.slice(3).map((ListenerArn) => aws.loadBalancing.send(new DeleteListenerCommand({ ListenerArn }))),
    ...made
      .slice(0, 3)
      .map(({ arn }) => aws.loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }))),
  ]);
});

test("one that is made twice at once is one", async () => {
  const [first, second] = await Promise.all([createLoadBalancer("twice"), createLoadBalancer("twice")]);
  assert.equal(first.arn, second.arn);
  const { LoadBalancers = [] } = await aws.loadBalancing.send(new DescribeLoadBalancersCommand({ Names: ["twice"] }));
  assert.equal(LoadBalancers.length, 1);
});

test("creating it again gives the same one, with other settings a refusal", async () => {
  const first = await createLoadBalancer("again");
  assert.equal((await createLoadBalancer("again")).arn, first.arn);
  await assert.rejects(createLoadBalancer("again", { Scheme: "internal" }), {
    name: "DuplicateLoadBalancerNameException",
  });
  const listed = await aws.boto(
    "answer([l['LoadBalancerName'] for l in elbv2.describe_load_balancers()['LoadBalancers']].count('again'))",
  );
  assert.equal(listed, 1);
});

test("names and subnets have AWS's limits", async () => {
  const invalid = { name: "ValidationError" };
  for (const name of ["x".repeat(33), "-a", "a-", "a_b", "internal-a"]) {
    await assert.rejects(createLoadBalancer(name), invalid, name);
  }
  await assert.rejects(createLoadBalancer("alone", { Subnets: [aws.network.subnetIds[0]] }), invalid);
  await assert.rejects(createLoadBalancer("nowhere", { Subnets: ["subnet-1", "subnet-2"] }), {
    name: "SubnetNotFoundException",
  });
  await assert.rejects(createLoadBalancer("ungrouped", { SecurityGroups: ["sg-0123456789abcdef0"] }), {
    name: "InvalidSecurityGroupException",
  });
});

test("an absent load balancer is an error by name, and deleted already", async () => {
  await assert.rejects(aws.loadBalancing.send(new DescribeLoadBalancersCommand({ Names: ["none"] })), {
    name: "LoadBalancerNotFoundException",
  });
  const { arn } = await createLoadBalancer("gone");
  await aws.loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
  await aws.loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
});

test("deletion protection holds", async () => {
  const { arn } = await createLoadBalancer("protected");
  const protect = (Value: string) =>
    aws.loadBalancing.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn: arn,
        Attributes: [{ Key: "deletion_protection.enabled", Value }],
      }),
    );
  await protect("true");
  await assert.rejects(aws.loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn })), {
    name: "OperationNotPermittedException",
  });
  await protect("false");
  await aws.loadBalancing.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
});

test("one listener a port; HTTPS wants a certificate; a target group serves one load balancer", async () => {
  const [{ arn }, other] = [await createLoadBalancer("listens"), await createLoadBalancer("other")];
  const [first, second] = [await createTargetGroup("first"), await createTargetGroup("second")];
  const listener = await createListener(arn, first);
  assert.equal(await createListener(arn, first), listener);
  await assert.rejects(createListener(arn, second), { name: "DuplicateListenerException" });
  await assert.rejects(createListener(arn, second, 443, "HTTPS"), { name: "ValidationError" });
  await assert.rejects(createListener(other.arn, first), { name: "TargetGroupAssociationLimitException" });
  const { TargetGroups = [] } = await aws.loadBalancing.send(new DescribeTargetGroupsCommand({ LoadBalancerArn: arn }));
  assert.deepEqual(
    TargetGroups.map(({ TargetGroupName, LoadBalancerArns }) => [TargetGroupName, LoadBalancerArns]),
    [["first", [arn]]],
  );
});

test("tags are read for what is there; one that is gone fails the batch", async () => {
  const { arn } = await createLoadBalancer("tagged", { Tags: [{ Key: "part", Value: "balancer" }] });
  const group = await createTargetGroup("tagged");
  const describe = (ResourceArns: string[]) => aws.loadBalancing.send(new DescribeTagsCommand({ ResourceArns }));
  const { TagDescriptions = [] } = await describe([arn, group]);
  assert.deepEqual(TagDescriptions[0]?.Tags, [{ Key: "part", Value: "balancer" }]);
  await deleteTargetGroup(group);
  await assert.rejects(describe([arn, group]), { name: "TargetGroupNotFoundException" });
});

test("a target group in use stays until its listener is gone", async () => {
  const { arn } = await createLoadBalancer("uses");
  const group = await createTargetGroup("used");
  const ListenerArn = await createListener(arn, group);
  await assert.rejects(deleteTargetGroup(group), { name: "ResourceInUseException" });
  await aws.loadBalancing.send(new DeleteListenerCommand({ ListenerArn }));
  await deleteTargetGroup(group);
});

test("a target group is created once, and its health check has limits", async () => {
  const arn = await createTargetGroup("same");
  assert.equal(await createTargetGroup("same"), arn);
  await assert.rejects(createTargetGroup("same", 81), { name: "DuplicateTargetGroupNameException" });
  const refused = await aws.boto(`
def create(**check): return refusal(lambda: elbv2.create_target_group(Name='limits', Protocol='HTTP', Port=80, VpcId='${aws.network.vpcId}', **check))[0]
answer([create(HealthCheckIntervalSeconds=301), create(HealthCheckPath='health'), create(Matcher=dict(HttpCode='500'))])`);
  assert.deepEqual(refused, ["ValidationError", "ValidationError", "ValidationError"]);
});
