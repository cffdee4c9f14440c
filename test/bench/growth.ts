import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { foldersOf } from "../../src/sandbox/folders.ts";
import { python } from "../boto3.ts";
import type { TestSandbox } from "../sandboxes.ts";
import { median, type Sample, sample } from "./samples.ts";
import { multivacIn } from "./tools.ts";

export interface Growth {
  what: string;
  measured: string;
  /** Why it grows as it does. */
  why: string;
  points: { count: number; seconds: number; requests: number; peakMiB: number }[];
}

interface Run {
  aws: TestSandbox;
  quick: boolean;
  say: (text: string) => void;
}

const growsWith = {
  instances:
    "Linear, and the emulator's: it launches, registers and checks each of them in one process. The tool only looks a few times more while it waits; its requests do not name instances.",
  tags: "Flat: tags go along in the calls that create.",
  files:
    "Linear: each file is read and hashed, again at each run, for its date tells nothing certain. Up to a thousand files that is lost in the rest.",
  others:
    "Requests are flat: each thing is asked for by name or filter. The time is the emulator's, which goes through all that it holds for a filter.",
};

/** How the tool's work grows with instances, tags, the app's files, and what else is in the account. */
export async function grow(run: Run): Promise<Growth[]> {
  const grown: Growth[] = [];
  for (const measure of [instances, tags, files, foreignStacks]) {
    // What was measured until then is worth keeping.
    await measure(run).then(
      (one) => grown.push(one),
      (error: Error) => run.say(`left out: ${measure.name}: ${error.message.trim().split("\n").at(-1)}`),
    );
  }
  return grown;
}

async function instances({ aws, quick, say }: Run): Promise<Growth> {
  return await collect(
    "instances",
    "first deploy",
    growsWith.instances,
    quick ? [1, 10, 30] : [1, 3, 10, 30, 100],
    say,
    async (count) => {
      const tool = await multivacIn(aws, "many", { instances: { min: count, max: count } });
      const taken = await sample(aws, tool.deploy);
      await tool.destroy();
      return [taken];
    },
  );
}

/** AWS takes 50, of which the lock's own are some. */
async function tags({ aws, quick, say }: Run): Promise<Growth> {
  return await collect(
    "tags",
    "first deploy",
    growsWith.tags,
    quick ? [0, 35] : [0, 10, 20, 35],
    say,
    async (count) => {
      const own = Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${index}`, `value-${index}`]));
      const tool = await multivacIn(aws, "tagged", { tags: own });
      const taken = await sample(aws, tool.deploy);
      await tool.destroy();
      return [taken];
    },
  );
}

/** `plan` hashes the whole app, and changes nothing. */
async function files({ aws, quick, say }: Run): Promise<Growth> {
  const counts = quick ? [1, 1000, 5000] : [1, 100, 1000, 5000, 20_000];
  return await collect("files of the app", "plan", growsWith.files, counts, say, async (count) => {
    const app = { path: "app", command: "./serve" };
    const tool = await multivacIn(aws, "files", { app, image: {} });
    for (let index = 0; index < count; index++) {
      const folder = path.join(tool.cwd, "app", `folder-${Math.floor(index / 100)}`);
      if (index % 100 === 0) await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, `file-${index}.txt`), `${index}\n`.repeat(200));
    }
    return await times(3, () => sample(aws, tool.plan));
  });
}

/**
 * Other stacks in the account: security groups, launch template, target group and image each, and a load balancer and an
 * Auto Scaling group up to AWS's default quotas of 50 and 500.
 */
async function foreignStacks({ aws, quick, say }: Run): Promise<Growth> {
  let there = 0;
  const tool = await multivacIn(aws, "among");
  await tool.deploy();
  return await collect(
    "other stacks in the account",
    "unchanged deploy",
    growsWith.others,
    quick ? [0, 20] : [0, 10, 100, 1000],
    say,
    async (count) => {
      await makeForeign(aws, there, count);
      there = count;
      return await times(3, () => sample(aws, tool.deploy));
    },
  );
}

/** How many stacks are made side by side. */
const atOnce = 20;

async function makeForeign(aws: TestSandbox, from: number, to: number): Promise<void> {
  const { env, vpcId, subnetIds, baseImageId } = aws;
  // Straight into moto: before it makes a group, a target group or an image, the endpoint reads all that there are.
  const plain = { ...env, AWS_ENDPOINT_URL: await motoOf(aws) };
  for (let first = from; first < to; first += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, to - first) }, (_, index) => first + index);
    // One after another: moto's state is not made for threads.
    const made: [string, string][] = [];
    for (const index of some) made.push(await python(plain, foreignParts, index, vpcId, baseImageId));
    await Promise.all(
      made.map(([guard, template], index) => python(env, foreignStack, first + index, subnetIds, guard, template)),
    );
  }
}

/** The URL of a sandbox's moto. */
async function motoOf({ id }: TestSandbox): Promise<string> {
  const { pid } = JSON.parse(await readFile(path.join(foldersOf(id).state, "moto.json"), "utf8"));
  const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
  return `http://127.0.0.1:${words[words.indexOf("-p") + 1]}`;
}

const foreignParts = `
index, vpc, image = arguments
ec2, elb = client("ec2"), client("elbv2")
name = f"foreign-{index}"
tags = [{"Key": "Name", "Value": name}, {"Key": "team", "Value": "others"}]
def tagged(kind):
    return [{"ResourceType": kind, "Tags": tags}]
guard = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc, TagSpecifications=tagged("security-group"))["GroupId"]
template = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro", "SecurityGroupIds": [guard]}, TagSpecifications=tagged("launch-template"))["LaunchTemplate"]["LaunchTemplateId"]
disk = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"][0]
snapshot = {"DeviceName": disk["DeviceName"], "Ebs": {"SnapshotId": disk["Ebs"]["SnapshotId"]}}
made = ec2.register_image(Name=name, Architecture="x86_64", RootDeviceName=disk["DeviceName"], BlockDeviceMappings=[snapshot])["ImageId"]
ec2.create_tags(Resources=[made], Tags=tags)
elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, Tags=tags)
answer([guard, template])
`;

const foreignStack = `
index, subnets, guard, template = arguments
elb, group = client("elbv2"), client("autoscaling")
name = f"foreign-{index}"
tags = [{"Key": "Name", "Value": name}, {"Key": "team", "Value": "others"}]
if index < 50:
    balancer = elb.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[guard], Tags=tags)["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}])
if index < 500:
    group.create_auto_scaling_group(AutoScalingGroupName=name, MinSize=0, MaxSize=1, DesiredCapacity=0, VPCZoneIdentifier=",".join(subnets), LaunchTemplate={"LaunchTemplateId": template, "Version": "1"})
answer(name)
`;

async function times(count: number, work: () => Promise<Sample>): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let index = 0; index < count; index++) samples.push(await work());
  return samples;
}

async function collect(
  what: string,
  measured: string,
  why: string,
  counts: number[],
  say: (text: string) => void,
  measure: (count: number) => Promise<Sample[]>,
): Promise<Growth> {
  const points: Growth["points"] = [];
  for (const count of counts) {
    const samples = await measure(count);
    const seconds = median(samples.map((one) => one.seconds));
    const requests = median(samples.map((one) => one.requests.all));
    points.push({ count, seconds, requests, peakMiB: median(samples.map((one) => one.peakMiB)) });
    say(`${count} ${what}, ${measured}: ${seconds.toFixed(2)} s, ${requests} requests`);
  }
  return { what, measured, why, points };
}
