import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  ResumeProcessesCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { AssociateVpcCidrBlockCommand, CreateSubnetCommand } from "@aws-sdk/client-ec2";
import {
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { eventually } from "../../eventually.ts";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";
import { groupCalls, makeTemplateAndTargets } from "./group-under-test.ts";

/** What leaves an Availability Zone, and who is left in it. */

let aws: EndpointUnderTest;
let made: Awaited<ReturnType<typeof makeTemplateAndTargets>>;
let calls: ReturnType<typeof groupCalls>;
/** In zones a, b and c; a second one in a. */
let subnets: { a: string; b: string; c: string; otherA: string };
before(async () => {
  aws = await startEndpointUnderTest({ healthySeconds: 0.1, loadBalancerSeconds: 0 });
  made = await makeTemplateAndTargets(aws);
  calls = groupCalls(aws, () => made.LaunchTemplateId);
  const [a, b] = aws.network.subnetIds;
  const VpcId = aws.network.vpcId;
  await aws.ec2.send(new AssociateVpcCidrBlockCommand({ VpcId, CidrBlock: "198.18.16.0/20" }));
  const create = async (CidrBlock: string, AvailabilityZone: string) =>
    (await aws.ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet?.SubnetId ?? "";
  const c = await create("198.18.16.0/24", "ap-southeast-2c");
  subnets = { a, b, c, otherA: await create("198.18.17.0/24", "ap-southeast-2a") };
});
after(() => aws.close());

const update = (more: object) =>
  aws.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: "web", ...more }));
const setSubnets = async (...Subnets: string[]) => {
  const { LoadBalancers = [] } = await aws.loadBalancing.send(new DescribeLoadBalancersCommand({ Names: ["web"] }));
  await aws.loadBalancing.send(
    new SetSubnetsCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn, Subnets: [...Subnets] }),
  );
};
const health = async (id: string | undefined) => {
  const { TargetHealthDescriptions = [] } = await aws.loadBalancing.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: made.TargetGroupArn }),
  );
  return TargetHealthDescriptions.find(({ Target }) => Target?.Id === id)?.TargetHealth;
};

test("a load balancer takes only subnets that it could have been made in", async () => {
  await assert.rejects(setSubnets(subnets.a, subnets.otherA), { name: "InvalidConfigurationRequestException" });
  await assert.rejects(setSubnets(subnets.a), { name: "ValidationError" });
  await assert.rejects(setSubnets(subnets.a, "subnet-0123456789abcdef0"), { name: "SubnetNotFoundException" });
});

test("a target in a zone that its load balancer left gets no requests until the zone is back", async () => {
  await calls.create("web", {
    VPCZoneIdentifier: subnets.a,
    TargetGroupARNs: [made.TargetGroupArn],
    HealthCheckType: "ELB",
    MaxSize: 1,
  });
  const [instance] = await calls.settled("web", 1);
  const becomes = (state: string) =>
    eventually(async () => {
      const now = await health(instance?.InstanceId);
      return now?.State === state && now;
    });
  await becomes("healthy");
  const answer = async () => (process.getuid?.() === 0 ? (await fetch(made.url)).status : undefined);
  if (process.getuid?.() === 0) assert.equal(await answer(), 200);
  await setSubnets(subnets.b, subnets.c);
  assert.deepEqual(await becomes("unused"), {
    State: "unused",
    Reason: "Target.NotInUse",
    Description: "Target is in an Availability Zone that is not enabled for the load balancer",
  });
  if (process.getuid?.() === 0) await eventually(async () => (await answer()) === 503);
  await setSubnets(subnets.a, subnets.b);
  await becomes("healthy");
});

test("a group that leaves a zone launches elsewhere first, also at its maximum; in the same zone it moves nobody", async () => {
  const [first] = await calls.settled("web", 1);
  await update({ VPCZoneIdentifier: subnets.otherA });
  await aws.autoScaling.send(
    new SuspendProcessesCommand({ AutoScalingGroupName: "web", ScalingProcesses: ["AZRebalance"] }),
  );
  await update({ VPCZoneIdentifier: subnets.b });
  await eventually(async () => (await health(first?.InstanceId))?.State === "healthy");
  const [same] = await calls.settled("web", 1);
  assert.equal(same?.InstanceId, first?.InstanceId);

  await aws.autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: "web" }));
  const [second] = await eventually(async () => {
    const instances = (await calls.describe("web"))?.Instances ?? [];
    return instances.every(({ AvailabilityZone }) => AvailabilityZone === "ap-southeast-2b") && instances;
  });
  assert.equal((await health(second?.InstanceId))?.State, "healthy", "the one before stays until it is");
  const [terminated, launched] = await calls.activities("web");
  assert.match(launched?.Cause ?? "", /instances were launched to balance instances in zones ap-southeast-2a with/);
  assert.match(terminated?.Description ?? "", new RegExp(`^Terminating EC2 instance: ${first?.InstanceId}`));
  assert.ok((launched?.StartTime ?? 0) < (terminated?.StartTime ?? 0));
});
