// A current Packer where none can be had: it asks EC2 for what packer-plugin-amazon 1.3 and later asks for (its sources:
// builder/ebs/builder.go and the steps it names), with the tags that it sets as it makes things, and says what Packer
// says. Nothing is done in the builder. Plain JavaScript without dependencies, so that it starts as fast as Packer does.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const [verb, ...args] = process.argv.slice(2);
if (verb === "version") console.log("Packer v1.14.2");
else if (verb === "build") await build().catch((error) => fail(error.message));

async function build() {
  const variables = args.find((each) => each.startsWith("-var-file=")).slice("-var-file=".length);
  const given = JSON.parse(await readFile(variables, "utf8"));
  const { base_image, bake_id, image_name, root_volume, subnet_id, tags } = given;
  const ask = (action, parameters) => ec2(given, action, parameters);
  const runTags = { ...tags, "multivac:resource": "builder", "multivac:bake": bake_id };
  const key = { KeyName: `packer_${tags["multivac:name"]}-${tags["multivac:environment"]}_${bake_id}` };

  await ask("DescribeImages", { "Filter.1.Name": "name", "Filter.1.Value.1": image_name });
  await ask("DescribeImages", { "ImageId.1": base_image });
  await ask("DescribeSubnets", { "SubnetId.1": subnet_id });
  say("Creating temporary keypair");
  await ask("CreateKeyPair", { ...key, ...specified({ "key-pair": runTags }) });
  const created = await ask("CreateSecurityGroup", {
    GroupName: `packer_${bake_id}`,
    GroupDescription: "Temporary group for Packer",
    VpcId: given.vpc_id,
    ...specified({ "security-group": runTags }),
  });
  const GroupId = /<groupId>(sg-\w+)/.exec(created)[1];
  await ask("DescribeSecurityGroups", { "GroupId.1": GroupId });
  await ask("AuthorizeSecurityGroupIngress", {
    GroupId,
    "IpPermissions.1.IpProtocol": "tcp",
    "IpPermissions.1.FromPort": "22",
    "IpPermissions.1.ToPort": "22",
    "IpPermissions.1.IpRanges.1.CidrIp": given.ssh_from,
  });
  say("Launching a source AWS instance...");
  const launched = await ask("RunInstances", {
    ImageId: base_image,
    InstanceType: given.instance_type,
    MinCount: "1",
    MaxCount: "1",
    InstanceInitiatedShutdownBehavior: "terminate",
    ...key,
    "NetworkInterface.1.DeviceIndex": "0",
    "NetworkInterface.1.SubnetId": subnet_id,
    "NetworkInterface.1.SecurityGroupId.1": GroupId,
    ...disks(root_volume),
    ...specified({ instance: runTags, volume: { ...tags, "multivac:resource": "builder-volume" } }),
  });
  const InstanceId = /<instanceId>(i-\w+)/.exec(launched)[1];
  const ofInstance = { "InstanceId.1": InstanceId };
  await ask("DescribeInstances", ofInstance);
  say("Waiting for SSH to become available...");
  say("Provisioning with Ansible...");
  await keepBase(await readFile(given.playbook_variables, "utf8"));

  say("Stopping the source instance...");
  await ask("StopInstances", ofInstance);
  say(`Creating AMI ${image_name} from instance ${InstanceId}`);
  const made = await ask("CreateImage", {
    InstanceId,
    Name: image_name,
    ...specified({ image: runTags, snapshot: runTags }),
  });
  const image = /<imageId>(ami-\w+)/.exec(made)[1];
  say(`AMI: ${image}`);
  const shown = await ask("DescribeImages", { "ImageId.1": image });
  const snapshot = /<snapshotId>(snap-\w+)/.exec(shown)[1];
  await ask("ModifyImageAttribute", { ImageId: image, "ImdsSupport.Value": "v2.0" });
  say(`Adding tags to AMI (${image})...`);
  await ask("CreateTags", {
    "ResourceId.1": image,
    "ResourceId.2": snapshot,
    ...listed({ ...tags, "multivac:resource": "image" }),
  });
  await ask("CreateTags", { "ResourceId.1": snapshot, ...listed({ ...tags, "multivac:resource": "snapshot" }) });
  say("Terminating the source AWS instance...");
  await ask("TerminateInstances", ofInstance);
  const volumes = { "Filter.1.Name": "attachment.instance-id", "Filter.1.Value.1": InstanceId };
  await ask("DescribeVolumes", volumes);
  await ask("DeleteSecurityGroup", { GroupId });
  await ask("DeleteKeyPair", key);
  const builds = [{ packer_run_uuid: "1", artifact_id: `${given.region}:${image}` }];
  await writeFile(given.manifest, JSON.stringify({ last_run_uuid: "1", builds }));
}

/** Where the playbook waits for the base image to be made of the builder, so does this. */
async function keepBase(playbookVariables) {
  const [, file] = /"?([^\s"']+\/base-kept)\b/.exec(playbookVariables) ?? [];
  if (!file) return;
  say("TASK [base : Keep this as the base image] ****");
  while (!existsSync(file)) await sleep(20);
}

/** Each `launch_block_device_mappings` as parameters of the Query protocol. */
function disks(volumes) {
  const pairs = volumes.flatMap(({ device, size }, index) => [
    [`BlockDeviceMapping.${index + 1}.DeviceName`, device],
    [`BlockDeviceMapping.${index + 1}.Ebs.VolumeSize`, `${size}`],
    [`BlockDeviceMapping.${index + 1}.Ebs.DeleteOnTermination`, "true"],
  ]);
  return Object.fromEntries(pairs);
}

/** Tags of each kind as parameters of the Query protocol. */
function specified(byKind) {
  const pairs = Object.entries(byKind).flatMap(([kind, tags], index) => [
    [`TagSpecification.${index + 1}.ResourceType`, kind],
    ...Object.entries(listed(tags)).map(([name, value]) => [`TagSpecification.${index + 1}.${name}`, value]),
  ]);
  return Object.fromEntries(pairs);
}

function listed(tags) {
  const pairs = Object.entries(tags).flatMap(([key, value], index) => [
    [`Tag.${index + 1}.Key`, key],
    [`Tag.${index + 1}.Value`, value],
  ]);
  return Object.fromEntries(pairs);
}

/** One call with the caller's key, as Packer would sign it; the endpoint checks no signature. */
async function ec2({ endpoint, region }, Action, parameters) {
  const credential = `${process.env.AWS_ACCESS_KEY_ID}/20260101/${region}/ec2/aws4_request`;
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=none`,
      "user-agent": "APN/1.0 HashiCorp/1.0 packer-plugin-amazon/1.3.9 Packer/1.14.2",
    },
    body: new URLSearchParams({ Action, Version: "2016-11-15", ...parameters }),
  });
  const text = await answer.text();
  if (answer.ok) return text;
  const [, code] = /<Code>([^<]*)/.exec(text) ?? [];
  const [, message] = /<Message>([^<]*)/.exec(text) ?? [];
  throw new Error(
    `operation error EC2: ${Action}, https response error StatusCode: ${answer.status}, RequestID: ${answer.headers.get("x-amzn-requestid")}, api error ${code}: ${message}`,
  );
}

/** A line as `packer build -machine-readable` prints it. */
function say(text) {
  print("ui,say", `==> amazon-ebs.app: ${text}`);
}

function print(type, text) {
  const escaped = text.replaceAll(",", "%!(PACKER_COMMA)").replaceAll("\n", "\\n");
  console.log(`${Math.round(Date.now() / 1000)},,${type},${escaped}`);
}

function fail(text) {
  print("error", text);
  process.exitCode = 1;
}
