import {
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  type EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { elements, text } from "../xml.ts";
import type { Images } from "./images.ts";
import type { Instance } from "./instances.ts";
import { readTemplateVersion, type TemplateReference } from "./launch-template-data.ts";
import type { Power } from "./power.ts";
import { fillTemplate } from "./template-parameters.ts";
import { completeVolumes } from "./volumes.ts";

interface RunParts {
  ec2: EC2Client;
  power: Power;
  images: Images;
  isDeletedVersion: (templateId: string, version: number) => boolean;
}

/** `RunInstances`: the launch template's values filled in, checked as AWS does, and machines booted. */
export function runInstances({ ec2, power, images, isDeletedVersion }: RunParts): Handler {
  return {
    service: "ec2",
    action: "RunInstances",
    async before(call) {
      const form = call.form as URLSearchParams;
      const template = parametersOf(call).group("LaunchTemplate");
      if (template) {
        const version = await readTemplateVersion(ec2, templateReference(template), isDeletedVersion);
        fillTemplate(form, version.data);
      }
      const image = await launchableImage({ ec2, images }, form.get("ImageId") ?? undefined);
      await checkKeyPair(ec2, form.get("KeyName") ?? undefined);
      completeVolumes(form, image);
      if (!form.has("InstanceType")) form.set("InstanceType", "m1.small");
      form.set("MinCount", form.get("MaxCount") ?? "1");
    },
    async after(call, result) {
      const form = call.form as URLSearchParams;
      const ids = elements(result.instancesSet).map(({ instanceId }) => text(instanceId));
      const userData = form.get("UserData");
      await power.launch(ids, {
        userData: userData ? decode(userData) : undefined,
        shutdownBehavior: form.get("InstanceInitiatedShutdownBehavior") ?? undefined,
      });
    },
  };
}

/** Launches one instance for the endpoint itself, as `RunInstances` would. `UserData` is base64, as in a template. */
export async function launchInstance(
  { ec2, power, images }: Pick<RunParts, "ec2" | "power" | "images">,
  input: RunInstancesCommandInput,
  created?: (instance: Instance) => void,
): Promise<Instance> {
  const image = await launchableImage({ ec2, images }, input.ImageId);
  await checkKeyPair(ec2, input.KeyName);
  const mappings = (input.BlockDeviceMappings ?? []).map((mapping) =>
    mapping.Ebs
      ? { ...mapping, Ebs: { VolumeSize: image.volumeGiB, DeleteOnTermination: true, ...mapping.Ebs } }
      : mapping,
  );
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ...input,
      BlockDeviceMappings: withRoot(mappings, image),
    }),
  );
  const ids = Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  const launched = await power.launch(ids, {
    userData: input.UserData ? decode(input.UserData) : undefined,
    shutdownBehavior: input.InstanceInitiatedShutdownBehavior,
    created,
  });
  return launched[0] as Instance;
}

export interface LaunchableImage {
  rootDeviceName: string;
  volumeGiB: number;
}

function withRoot(
  mappings: NonNullable<RunInstancesCommandInput["BlockDeviceMappings"]>,
  { rootDeviceName, volumeGiB }: LaunchableImage,
): NonNullable<RunInstancesCommandInput["BlockDeviceMappings"]> {
  if (mappings.some(({ DeviceName }) => DeviceName === rootDeviceName)) return mappings;
  return [{ DeviceName: rootDeviceName, Ebs: { VolumeSize: volumeGiB, DeleteOnTermination: true } }, ...mappings];
}

async function launchableImage(
  { ec2, images }: Pick<RunParts, "ec2" | "images">,
  imageId: string | undefined,
): Promise<LaunchableImage> {
  if (!imageId) throw new AwsError("MissingParameter", "The request must contain the parameter ImageId");
  const { Images = [] } = await ec2
    .send(new DescribeImagesCommand({ ImageIds: [imageId] }))
    .catch(() => ({ Images: [] }));
  const image = Images[0];
  if (!image) throw new AwsError("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
  return { rootDeviceName: images.rootDeviceName(imageId), volumeGiB: images.volumeGiB(imageId) };
}

async function checkKeyPair(ec2: EC2Client, keyName: string | undefined): Promise<void> {
  if (!keyName) return;
  const found = await ec2.send(new DescribeKeyPairsCommand({ KeyNames: [keyName] })).catch(() => undefined);
  if (!found?.KeyPairs?.length) {
    throw new AwsError("InvalidKeyPair.NotFound", `The key pair '${keyName}' does not exist`);
  }
}

function templateReference(
  group: NonNullable<ReturnType<ReturnType<typeof parametersOf>["group"]>>,
): TemplateReference {
  return {
    id: group.optional("LaunchTemplateId"),
    name: group.optional("LaunchTemplateName"),
    version: group.optional("Version"),
  };
}

function decode(userData: string): string {
  return Buffer.from(userData, "base64").toString("utf8");
}
