import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeImagesCommand,
  DescribeVpcsCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  SetSecurityGroupsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type EndpointUnderTest, startEndpointUnderTest } from "../endpoint-under-test.ts";
import { refusal } from "../fault-calls.ts";

/** What an access key with policies may do. The clients' own key is `a`. */

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());

const allow = (statements: object[], accessKeyId = "a") =>
  aws.control("POST", "policies", {
    accessKeyId,
    policies: [
      { Version: "2012-10-17", Statement: statements.map((one) => ({ Effect: "Allow", Resource: "*", ...one })) },
    ],
  });

const newGroup = (name: string, tags: Record<string, string> = {}) =>
  aws.ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: name,
      Description: "of a test",
      VpcId: aws.network.vpcId,
      ...(Object.keys(tags).length
        ? {
            TagSpecifications: [
              { ResourceType: "security-group", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
            ],
          }
        : {}),
    }),
  );

test("a key without policies may do everything; one with them what they allow, in AWS's words", async () => {
  await allow([{ Action: "ec2:DescribeImages" }], "somebody");
  await aws.ec2.send(new DescribeVpcsCommand({}));
  await allow([{ Action: "ec2:DescribeImages" }]);
  await aws.ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
  await aws.sts.send(new GetCallerIdentityCommand({}));
  const ec2 = await refusal(aws.ec2.send(new DescribeVpcsCommand({})));
  assert.deepEqual([ec2.name, ec2.status], ["UnauthorizedOperation", 403]);
  assert.match(ec2.message, /not authorized to perform: ec2:DescribeVpcs because no identity-based policy.*Encoded/s);
  await allow([{ Action: "ec2:*" }, { Effect: "Deny", Action: "ec2:Describe*" }]);
  const denied = await refusal(aws.ec2.send(new DescribeVpcsCommand({})));
  assert.match(denied.message, /ec2:DescribeVpcs with an explicit deny in an identity-based policy/);
  await aws.control("DELETE", "policies");
  await aws.ec2.send(new DescribeVpcsCommand({}));
});

test("a create call is asked for each thing that it makes and uses, and for its tags", async () => {
  const made = { Action: "ec2:CreateSecurityGroup", Resource: "arn:aws:ec2:*:*:security-group/*" };
  const used = { Action: "ec2:CreateSecurityGroup", Resource: "arn:aws:ec2:*:*:vpc/*" };
  const tagging = {
    Action: "ec2:CreateTags",
    Condition: { StringEquals: { "ec2:CreateAction": "CreateSecurityGroup" } },
  };
  await allow([made]);
  assert.match((await refusal(newGroup("one"))).message, /on resource: arn:\S+:vpc\/vpc-/);
  await allow([made, used]);
  await newGroup("two");
  assert.match(
    (await refusal(newGroup("three", { team: "blue" }))).message,
    /ec2:CreateTags on resource: \S+security-group\/\*/,
  );
  await allow([{ ...made, Condition: { StringEquals: { "aws:RequestTag/team": "blue" } } }, used, tagging]);
  assert.equal((await refusal(newGroup("four", { team: "red" }))).status, 403);
  const { GroupId } = await newGroup("five", { team: "blue" });

  const own = { Condition: { StringEquals: { "aws:ResourceTag/team": "blue" } } };
  await allow([{ Action: "ec2:DeleteSecurityGroup", ...own }]);
  await aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
  const gone = await refusal(aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
  assert.equal(gone.name, "InvalidGroup.NotFound", "what is not there EC2 says itself");
  await aws.control("DELETE", "policies");
});

test("Elastic Load Balancing reads EC2 with its caller's permissions", async () => {
  const create = () =>
    aws.loadBalancing.send(
      new CreateTargetGroupCommand({ Name: "one", Protocol: "HTTP", Port: 80, VpcId: aws.network.vpcId }),
    );
  await allow([{ Action: "elasticloadbalancing:CreateTargetGroup" }]);
  const { name, message } = await refusal(create());
  assert.equal(name, "AccessDenied");
  assert.match(message, /not authorized to perform: ec2:DescribeInternetGateways/);
  await allow([{ Action: ["elasticloadbalancing:CreateTargetGroup", "ec2:Describe*"] }]);
  await create();
  await aws.control("DELETE", "policies");
});

test("Elastic Load Balancing lists a VPC's security groups with its caller's permissions", async () => {
  const { GroupId = "" } = await newGroup("of-a-load-balancer");
  const create = () =>
    aws.loadBalancing.send(
      new CreateLoadBalancerCommand({ Name: "one", Subnets: aws.network.subnetIds, SecurityGroups: [GroupId] }),
    );
  const missing = /not authorized to perform: ec2:GetSecurityGroupsForVpc/;
  const enough = [{ Action: ["elasticloadbalancing:*", "ec2:Describe*", "iam:CreateServiceLinkedRole"] }];
  await allow(enough);
  assert.match((await refusal(create())).message, missing);
  await allow([...enough, { Action: "ec2:GetSecurityGroupsForVpc" }]);
  const { LoadBalancers = [] } = await create();
  const set = new SetSecurityGroupsCommand({
    LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
    SecurityGroups: [GroupId],
  });
  await aws.loadBalancing.send(set);
  await allow(enough);
  assert.match((await refusal(aws.loadBalancing.send(set))).message, missing);
  await aws.control("DELETE", "policies");
});

test("what changes something and is not in the reference is refused, whatever policies say", async () => {
  await allow([{ Action: "*" }]);
  const { message } = await refusal(
    aws.ec2.send(new ModifyVpcAttributeCommand({ VpcId: aws.network.vpcId, EnableDnsSupport: { Value: true } })),
  );
  assert.match(message, /does not know what IAM is asked about ec2:ModifyVpcAttribute/);
  await aws.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "allowed", LaunchTemplateData: {} }));
  await aws.control("DELETE", "policies");
  const wrong = (await allow([{ Action: "ec2:*", Condition: { Bool: { "aws:SecureTransport": "true" } } }])) as {
    error: string;
  };
  assert.match(wrong.error, /Bool/);
});

test("who has called what is told, also after the calls are forgotten", async () => {
  await aws.control("DELETE", "calls");
  const actions = (await aws.control("GET", "actions")) as { agent?: string; action: string; calls: number }[];
  const described = actions.find(({ agent, action }) => agent === "multivac" && action === "DescribeVpcs");
  assert.ok((described?.calls ?? 0) >= 4, JSON.stringify(actions));
});
