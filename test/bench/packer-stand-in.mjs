// Packer where there are no machines: it asks EC2 for what Packer asks for, says what Packer says, and takes the time that
// MODEL_TO_SSH and MODEL_STOPS give in seconds. What is done in the builder takes none. Plain JavaScript without
// dependencies, so that it starts as fast as Packer does.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const [verb, ...args] = process.argv.slice(2);
if (verb === "version") console.log("Packer v1.6.6");
else if (verb === "build") await build();

async function build() {
  const variables = args.find((each) => each.startsWith("-var-file=")).slice("-var-file=".length);
  const given = JSON.parse(await readFile(variables, "utf8"));
  const { base_image, image_name, instance_type, subnet_id, tags, bake_id } = given;
  const ask = (action, parameters) => ec2(given, action, parameters);

  say("Launching a source AWS instance...");
  const launched = await ask("RunInstances", {
    ImageId: base_image,
    InstanceType: instance_type,
    SubnetId: subnet_id,
    MinCount: 1,
    MaxCount: 1,
    InstanceInitiatedShutdownBehavior: "terminate",
    ...tagged({
      instance: { ...tags, "multivac:resource": "builder", "multivac:bake": bake_id },
      volume: { ...tags, "multivac:resource": "builder-volume" },
    }),
  });
  const InstanceId = /<instanceId>(i-\w+)/.exec(launched)[1];
  say("Waiting for SSH to become available...");
  await pass(process.env.MODEL_TO_SSH);
  say("Provisioning with Ansible...");
  await keepBase(await readFile(given.playbook_variables, "utf8"));

  say("Stopping the source instance...");
  await pass(process.env.MODEL_STOPS);
  say(`Creating AMI ${image_name} from instance ${InstanceId}`);
  const made = await ask("CreateImage", {
    InstanceId,
    Name: image_name,
    ...tagged({
      image: { ...tags, "multivac:resource": "image" },
      snapshot: { ...tags, "multivac:resource": "snapshot" },
    }),
  });
  const image = /<imageId>(ami-\w+)/.exec(made)[1];
  say(`AMI: ${image}`);
  const isAvailable = async () => /<imageState>available/.test(await ask("DescribeImages", { "ImageId.1": image }));
  while (!(await isAvailable())) await sleep(given.poll_seconds * 1000);
  say(`Adding tags to AMI (${image})...`);
  say("Terminating the source AWS instance...");
  await ask("TerminateInstances", { "InstanceId.1": InstanceId });
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

/** Tags of each kind as parameters of the Query protocol. */
function tagged(byKind) {
  const pairs = Object.entries(byKind).flatMap(([kind, tags], index) => [
    [`TagSpecification.${index + 1}.ResourceType`, kind],
    ...Object.entries(tags).flatMap(([key, value], tag) => [
      [`TagSpecification.${index + 1}.Tag.${tag + 1}.Key`, key],
      [`TagSpecification.${index + 1}.Tag.${tag + 1}.Value`, value],
    ]),
  ]);
  return Object.fromEntries(pairs);
}

/** One call; the endpoint reads the service off the signature's scope, and checks no signature. */
async function ec2({ endpoint, region }, Action, parameters) {
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=sandbox/20260101/${region}/ec2/aws4_request` },
    body: new URLSearchParams({ Action, Version: "2016-11-15", ...parameters }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${Action}: ${text}`);
  return text;
}

async function pass(seconds) {
  await sleep(Number(seconds) * 1000);
}

/** A line as `packer build -machine-readable` prints it. */
function say(text) {
  const escaped = text.replaceAll(",", "%!(PACKER_COMMA)");
  console.log(`${Math.round(Date.now() / 1000)},,ui,say,==> amazon-ebs.app: ${escaped}`);
}
