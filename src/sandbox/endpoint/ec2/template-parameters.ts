import type { ResponseLaunchTemplateData } from "@aws-sdk/client-ec2";

/** Adds what a launch template says to a `RunInstances` form; what the call itself says stands. */
export function fillTemplate(form: URLSearchParams, data: ResponseLaunchTemplateData): void {
  const given = (name: string) => [...form.keys()].some((key) => key === name || key.startsWith(`${name}.`));
  const fill = (name: string, value: unknown) => {
    if (!given(name)) write(form, name, value);
  };
  fill("ImageId", data.ImageId);
  fill("InstanceType", data.InstanceType);
  fill("KeyName", data.KeyName);
  fill("UserData", data.UserData);
  fill("EbsOptimized", data.EbsOptimized);
  fill("InstanceInitiatedShutdownBehavior", data.InstanceInitiatedShutdownBehavior);
  fill("DisableApiTermination", data.DisableApiTermination);
  fill("IamInstanceProfile", data.IamInstanceProfile);
  fill("Monitoring", data.Monitoring);
  fill("MetadataOptions", data.MetadataOptions);
  fill("BlockDeviceMapping", data.BlockDeviceMappings);
  fillTags(form, data, ["volume", "network-interface"]);
  if (!given("NetworkInterface")) {
    fill("SecurityGroupId", data.SecurityGroupIds);
    if (!given("SubnetId")) write(form, "NetworkInterface", data.NetworkInterfaces?.map(renamedGroups));
  }
}

/** Instances get the template's tags from moto, what comes with them does not. */
function fillTags(
  form: URLSearchParams,
  { TagSpecifications = [] }: ResponseLaunchTemplateData,
  kinds: readonly string[],
): void {
  for (const kind of kinds) {
    const types = [...form].filter(([key]) => /^TagSpecification\.\d+\.ResourceType$/.test(key));
    if (types.some(([, type]) => type === kind)) continue;
    const tags = TagSpecifications.find(({ ResourceType }) => ResourceType === kind)?.Tags;
    if (tags) write(form, `TagSpecification.${types.length + 1}`, { ResourceType: kind, Tag: tags });
  }
}

function renamedGroups({ Groups, ...rest }: NonNullable<ResponseLaunchTemplateData["NetworkInterfaces"]>[number]) {
  return { ...rest, SecurityGroupId: Groups };
}

/** Writes a value as EC2's form has it: `Name.N.Member`. */
function write(form: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) value.forEach((item, index) => void write(form, `${name}.${index + 1}`, item));
  else if (typeof value === "object") {
    for (const [member, content] of Object.entries(value)) write(form, `${name}.${member}`, content);
  } else form.set(name, String(value));
}
