import { readFile } from "node:fs/promises";
import path from "node:path";
import { foldersOf } from "../../src/sandbox/folders.ts";
import { python } from "../boto3.ts";
import type { TestSandbox } from "../sandboxes.ts";

/**
 * Stacks of others, from one number to another: security group, launch template, image, target group, load balancer with a
 * listener, and Auto Scaling group each. As many as are asked for: the emulator has no quotas.
 */
export async function makeForeign(aws: TestSandbox, from: number, to: number): Promise<void> {
  if (from === to) return;
  const { env, vpcId, subnetIds, baseImageId } = aws;
  // Auto Scaling is the endpoint's own, and looks through all launch templates for each group: the groups come first, all of
  // one template.
  await python(env, groups, from, to, subnetIds, baseImageId);
  // Straight into moto: the endpoint gives each load balancer an address of this machine, and looks through all that there
  // is before it makes a target group or an image. It shows them as moto has them.
  await python({ ...env, AWS_ENDPOINT_URL: await motoOf(aws) }, parts, from, to, vpcId, subnetIds, baseImageId);
}

/** The URL of a sandbox's moto. */
async function motoOf({ id }: TestSandbox): Promise<string> {
  const { pid } = JSON.parse(await readFile(path.join(foldersOf(id).state, "moto.json"), "utf8"));
  const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  return `http://127.0.0.1:${words[words.indexOf("-p") + 1]}`;
}

const groups = `
first, end, subnets, image = arguments
ec2, scaling = client("ec2"), client("autoscaling")
name = f"foreign-groups-{first}"
template = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"})["LaunchTemplate"]["LaunchTemplateId"]
for index in range(first, end):
    scaling.create_auto_scaling_group(AutoScalingGroupName=f"foreign-{index}", MinSize=0, MaxSize=1, DesiredCapacity=0, VPCZoneIdentifier=",".join(subnets), LaunchTemplate={"LaunchTemplateId": template, "Version": "1"})
answer(end)
`;

const parts = `
first, end, vpc, subnets, image = arguments
ec2, elb = client("ec2"), client("elbv2")
disk = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"][0]
snapshot = {"DeviceName": disk["DeviceName"], "Ebs": {"SnapshotId": disk["Ebs"]["SnapshotId"]}}
for index in range(first, end):
    name = f"foreign-{index}"
    tags = [{"Key": "Name", "Value": name}, {"Key": "team", "Value": "others"}]
    def tagged(kind):
        return [{"ResourceType": kind, "Tags": tags}]
    guard = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc, TagSpecifications=tagged("security-group"))["GroupId"]
    ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro", "SecurityGroupIds": [guard]}, TagSpecifications=tagged("launch-template"))
    made = ec2.register_image(Name=name, Architecture="x86_64", RootDeviceName=disk["DeviceName"], BlockDeviceMappings=[snapshot])["ImageId"]
    ec2.create_tags(Resources=[made], Tags=tags)
    target = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, Tags=tags)["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[guard], Tags=tags)["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": target}])
answer(end)
`;
