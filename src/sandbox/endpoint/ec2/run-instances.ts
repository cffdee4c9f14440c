import {
  CreateTagsCommand,
  type EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  type Tag,
} from "@aws-sdk/client-ec2";
import type { Fate } from "../faults/fate.ts";
import type { Handler } from "../handler.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import { elements, text } from "../xml.ts";
import type { Instance } from "./instances.ts";
import type { CheckLaunch, LaunchableImage } from "./launch-checks.ts";
import { readTemplateVersion, type TemplateReference } from "./launch-template-data.ts";
import type { Power } from "./power.ts";
import { fillTemplate } from "./template-parameters.ts";
import { completeVolumes } from "./volumes.ts";

export interface RunParts {
  ec2: EC2Client;
  power: Power;
  checkLaunch: CheckLaunch;
  isDeletedVersion: (templateId: string, version: number) => boolean;
}

type BlockDeviceMappings = NonNullable<RunInstancesCommandInput["BlockDeviceMappings"]>;

/** `RunInstances`: the launch template's values filled in, checked as AWS does, and machines booted. */
export function runInstances({ ec2, power, checkLaunch, isDeletedVersion }: RunParts): Handler {
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
      if (!form.has("InstanceType")) form.set("InstanceType", "m1.small");
      const image = await checkLaunch({
        imageId: form.get("ImageId") ?? undefined,
        instanceType: form.get("InstanceType") ?? undefined,
        keyName: form.get("KeyName") ?? undefined,
        profileName: form.get("IamInstanceProfile.Name") ?? undefined,
      });
      completeVolumes(form, image);
      form.set("MinCount", form.get("MaxCount") ?? "1");
    },
    async after(call, result) {
      const form = call.form as URLSearchParams;
      const ids = elements(result.instancesSet).map(({ instanceId }) => text(instanceId));
      const interfaces = elements(result.instancesSet).flatMap(({ networkInterfaceSet }) =>
        elements(networkInterfaceSet).map(({ networkInterfaceId }) => text(networkInterfaceId)),
      );
      const specified = parametersOf(call)
        .groups("TagSpecification")
        .filter((one) => one.optional("ResourceType") === "network-interface")
        .flatMap((one) => one.groups("Tag"))
        .map((tag) => ({ Key: tag.text("Key"), Value: tag.optional("Value") ?? "" }));
      await tagInterfaces(ec2, interfaces, specified);
      const userData = form.get("UserData");
      await power.launch(ids, {
        userData: userData ? decode(userData) : undefined,
        shutdownBehavior: form.get("InstanceInitiatedShutdownBehavior") ?? undefined,
        fate: call.fate,
      });
    },
  };
}

/** Launches one instance for the endpoint itself, as `RunInstances` would, and returns when it is pending no more. `UserData` is base64, as in a template. */
export async function launchInstance(
  { ec2, power, checkLaunch }: Pick<RunParts, "ec2" | "power" | "checkLaunch">,
  input: RunInstancesCommandInput,
  { created, fate }: { created?: (instance: Instance) => void; fate?: Fate | undefined } = {},
): Promise<Instance> {
  const image = await checkLaunch({
    imageId: input.ImageId,
    instanceType: input.InstanceType,
    keyName: input.KeyName,
    profileName: input.IamInstanceProfile?.Name,
  });
  const BlockDeviceMappings = completeMappings(input.BlockDeviceMappings ?? [], image);
  const { Instances = [] } = await ec2.send(new RunInstancesCommand({ ...input, BlockDeviceMappings }));
  const ids = Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  const interfaces = Instances.flatMap(({ NetworkInterfaces = [] }) => NetworkInterfaces);
  await tagInterfaces(
    ec2,
    interfaces.flatMap(({ NetworkInterfaceId }) => NetworkInterfaceId ?? []),
    (input.TagSpecifications ?? [])
      .filter(({ ResourceType }) => ResourceType === "network-interface")
      .flatMap(({ Tags = [] }) => Tags),
  );
  const launched = await power.launch(ids, {
    userData: input.UserData ? decode(input.UserData) : undefined,
    shutdownBehavior: input.InstanceInitiatedShutdownBehavior,
    created,
    fate,
  });
  await launched.settled;
  return launched.instances[0] as Instance;
}

/** Moto takes a launch's tags for interfaces, and gives them none. */
async function tagInterfaces(ec2: EC2Client, ids: readonly string[], tags: readonly Tag[]): Promise<void> {
  if (ids.length > 0 && tags.length > 0)
    await ec2.send(new CreateTagsCommand({ Resources: [...ids], Tags: [...tags] }));
}

/** As `completeVolumes` does for a form. */
function completeMappings(
  mappings: BlockDeviceMappings,
  { rootDeviceName, volumeGiB }: LaunchableImage,
): BlockDeviceMappings {
  const defaults = { VolumeSize: volumeGiB, DeleteOnTermination: true };
  const complete = mappings.map((mapping) =>
    mapping.Ebs ? { ...mapping, Ebs: { ...defaults, ...mapping.Ebs } } : mapping,
  );
  if (mappings.some(({ DeviceName }) => DeviceName === rootDeviceName)) return complete;
  return [{ DeviceName: rootDeviceName, Ebs: defaults }, ...complete];
}

function templateReference(group: Parameters): TemplateReference {
  return {
    id: group.optional("LaunchTemplateId"),
    name: group.optional("LaunchTemplateName"),
    version: group.optional("Version"),
  };
}

function decode(userData: string): string {
  return Buffer.from(userData, "base64").toString("utf8");
}
