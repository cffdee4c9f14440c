import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { RunInstancesCommand, StopInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { eventually } from "../../eventually.ts";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
let TargetGroupArn: string;
let url: string;
before(async () => {
  aws = await startEndpointUnderTest({ healthySeconds: 0.3, loadBalancerSeconds: 0 });
  const group = await aws.loadBalancing.send(
    new CreateTargetGroupCommand({ Name: "web", Protocol: "HTTP", Port: 80, VpcId: aws.network.vpcId }),
  );
  TargetGroupArn = group.TargetGroups?.[0]?.TargetGroupArn ?? "";
});
after(() => aws.close());

async function launch(): Promise<string> {
  const { Instances = [] } = await aws.ec2.send(
    new RunInstancesCommand({
      ImageId: baseImageId,
      SubnetId: aws.network.subnetIds[0],
      MinCount: 1,
      MaxCount: 1,
    }),
  );
  return Instances[0]?.InstanceId ?? "";
}
const register = (Id: string) =>
  aws.loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
const deregister = (Id: string) =>
  aws.loadBalancing.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
async function healthOf(Id: string) {
  const { TargetHealthDescriptions = [] } = await aws.loadBalancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id }] }),
  );
  return TargetHealthDescriptions[0]?.TargetHealth;
}
const becomes = (id: string, wanted: string) =>
  eventually(async () => {
    const health = await healthOf(id);
    return health?.State === wanted && health;
  });

let first: string;

test("without a listener a target is not in use", async () => {
  first = await launch();
  await register(first);
  assert.deepEqual(await healthOf(first), {
    State: "unused",
    Reason: "Target.NotInUse",
    Description: "Target group is not configured to receive traffic from the load balancer",
  });
});

test("with one it is initial while it boots, then healthy, and answers", async () => {
  const { LoadBalancers = [] } = await aws.loadBalancing.send(
    new CreateLoadBalancerCommand({ Name: "web", Subnets: aws.network.subnetIds }),
  );
  url = `http://${LoadBalancers[0]?.DNSName}/`;
  await aws.control("POST", "settings", { healthySeconds: 600 });
  const second = await launch();
  await register(second);
  await aws.loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
  assert.equal((await healthOf(second))?.State, "initial");
  await aws.control("POST", "settings", { healthySeconds: 0.2 });
  await becomes(second, "healthy");
  await becomes(first, "healthy");
  await deregister(second);
});

test("what is told of an instance shows with AWS's reason, and only healthy ones get requests", async () => {
  const other = await launch();
  await register(other);
  await becomes(other, "healthy");
  await aws.control("POST", `targets/${other}`, { answer: 500 });
  const health = await becomes(other, "unhealthy");
  assert.deepEqual(health, {
    State: "unhealthy",
    Reason: "Target.ResponseCodeMismatch",
    Description: "Health checks failed with these codes: [500]",
  });
  if (process.getuid?.() === 0) assert.equal(await (await fetch(url)).text(), `${first}\n`);
  await aws.control("POST", `targets/${first}`, { answer: "timeout" });
  assert.equal((await becomes(first, "unhealthy"))?.Reason, "Target.Timeout");
  if (process.getuid?.() === 0) assert.equal((await fetch(url)).status, 200, "all are unhealthy: all get requests");
  await aws.control("POST", `targets/${first}`, { answer: null });
  await becomes(first, "healthy");
});

test("a target drains and is gone; one that never was there is not registered", async () => {
  const going = await launch();
  await register(going);
  await becomes(going, "healthy");
  await deregister(going);
  const last = await eventually(async () => {
    const health = await healthOf(going);
    return health?.State === "unused" && health;
  });
  assert.equal(last?.Reason, "Target.NotRegistered");
  await assert.rejects(register("i-0123456789abcdef0"), { name: "InvalidTargetException" });
});

test("a stopped instance is out at once, a terminated one is deregistered", async () => {
  const stopped = await launch();
  await register(stopped);
  await becomes(stopped, "healthy");
  await aws.ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
  assert.equal((await becomes(stopped, "unused"))?.Reason, "Target.InvalidState");
  await assert.rejects(register(await stoppedInstance()), { name: "InvalidTargetException" });
  await aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [stopped] }));
  await eventually(async () => (await healthOf(stopped))?.Reason === "Target.NotRegistered");
});

async function stoppedInstance(): Promise<string> {
  const id = await launch();
  await aws.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  return id;
}
