import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());

test("a dry run says that it would do it, or why not, and does nothing", async () => {
  const answers = await aws.boto(`
vpc, subnet = ec2.describe_vpcs()["Vpcs"][0]["VpcId"], ec2.describe_subnets()["Subnets"][0]["SubnetId"]
group = ec2.create_security_group(GroupName="there", Description="there", VpcId=vpc)["GroupId"]
launch = {"ImageId": "ami-0a1b2c3d4e5f60718", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet, "DryRun": True}
answer([
    refusal(lambda: ec2.run_instances(InstanceType="t3.micro", **launch)),
    refusal(lambda: ec2.run_instances(InstanceType="t4g.micro", **launch)),
    refusal(lambda: ec2.create_security_group(GroupName="other", Description="x", VpcId=vpc, DryRun=True)),
    refusal(lambda: ec2.create_security_group(GroupName="there", Description="x", VpcId=vpc, DryRun=True)),
    refusal(lambda: ec2.create_key_pair(KeyName="key", DryRun=True)),
    refusal(lambda: ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData={}, DryRun=True)),
    refusal(lambda: ec2.delete_security_group(GroupId=group, DryRun=True)),
    [each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"]],
    [ec2.describe_instances()["Reservations"], ec2.describe_key_pairs()["KeyPairs"], ec2.describe_launch_templates()["LaunchTemplates"]],
])
`);
  const would = ["DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412];
  const [run, other, group, there, key, template, gone, groups, made] = answers as [string[], ...unknown[]];
  assert.deepEqual([run, group, key, template, gone], [would, would, would, would, would]);
  assert.equal((other as string[])[0], "InvalidParameterValue");
  assert.equal((there as string[])[0], "InvalidGroup.Duplicate");
  assert.deepEqual((groups as string[]).sort(), ["default", "there"]);
  assert.deepEqual(made, [[], [], []]);
});

test("a dry run of what a policy does not allow is refused", async () => {
  await aws.control("POST", "faults", { rules: [{ action: "CreateKeyPair", fault: { kind: "refuse" } }] });
  const [code] = (await aws.boto(
    `answer(refusal(lambda: ec2.create_key_pair(KeyName="key", DryRun=True)))`,
  )) as string[];
  await aws.control("DELETE", "faults");
  assert.equal(code, "UnauthorizedOperation");
});

test("an instance tells its processors", async () => {
  const options = await aws.boto(`
subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
for type in ["t3.micro", "m5.xlarge"]:
    ec2.run_instances(ImageId="ami-0a1b2c3d4e5f60718", MinCount=1, MaxCount=1, SubnetId=subnet, InstanceType=type)
found = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
answer({i["InstanceType"]: i["CpuOptions"] for i in found})
`);
  assert.deepEqual(options, {
    "t3.micro": { CoreCount: 1, ThreadsPerCore: 2 },
    "m5.xlarge": { CoreCount: 2, ThreadsPerCore: 2 },
  });
});

test("quotas have AWS's values, or those that are set", async () => {
  await aws.control("POST", "settings", { quotas: { "L-1216C47A": 5 } });
  const answers = await aws.boto(`
quotas = client("service-quotas")
which = {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
answer([
    quotas.get_service_quota(**which)["Quota"]["Value"],
    quotas.get_aws_default_service_quota(**which)["Quota"]["Value"],
    quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-0EA8095F")["Quota"]["QuotaName"],
    refusal(lambda: quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-0000000"))[0],
])
`);
  assert.deepEqual(answers, [5, 32, "Inbound or outbound rules per security group", "NoSuchResourceException"]);
});

test("service quotas refuse in their own protocol", async () => {
  await aws.control("POST", "faults", { rules: [{ service: "servicequotas", fault: { kind: "refuse" } }] });
  const answer = await aws.boto(
    `answer(refusal(lambda: client("service-quotas").get_service_quota(ServiceCode="vpc", QuotaCode="L-0EA8095F")))`,
  );
  await aws.control("DELETE", "faults");
  const [code, message, status] = answer as [string, string, number];
  assert.deepEqual([code, status], ["AccessDeniedException", 400]);
  assert.match(message, /not authorized to perform: servicequotas:GetServiceQuota/);
});
