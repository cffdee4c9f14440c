import type { ResponseLaunchTemplateData, RunInstancesCommandInput, TagSpecification } from "@aws-sdk/client-ec2";
import type { Group } from "./group.ts";

/** The `RunInstances` call that a group makes for one instance: its template's values, its subnet, its tags. */
export function launchInput(
  group: Group,
  template: { id: string; version: number; data: ResponseLaunchTemplateData },
  subnetId: string,
): RunInstancesCommandInput {
  const { data } = template;
  const [networkInterface] = data.NetworkInterfaces ?? [];
  const groups = data.SecurityGroupIds?.length ? data.SecurityGroupIds : networkInterface?.Groups;
  const input = {
    ImageId: data.ImageId,
    InstanceType: data.InstanceType ?? "m1.small",
    KeyName: data.KeyName,
    UserData: data.UserData,
    EbsOptimized: data.EbsOptimized,
    InstanceInitiatedShutdownBehavior: data.InstanceInitiatedShutdownBehavior,
    DisableApiTermination: data.DisableApiTermination,
    IamInstanceProfile: data.IamInstanceProfile,
    Monitoring: data.Monitoring ? { Enabled: data.Monitoring.Enabled ?? false } : undefined,
    MetadataOptions: data.MetadataOptions,
    BlockDeviceMappings: data.BlockDeviceMappings,
    SecurityGroupIds: groups,
    SubnetId: subnetId,
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: tagSpecifications(group, template),
  };
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as RunInstancesCommandInput;
}

/** The template's tags; on instances also the group's propagated ones, which win. */
function tagSpecifications(
  group: Group,
  { id, version, data }: { id: string; version: number; data: ResponseLaunchTemplateData },
): TagSpecification[] {
  const ofTemplate = (type: string) =>
    (data.TagSpecifications ?? [])
      .filter(({ ResourceType }) => ResourceType === type)
      .flatMap(({ Tags = [] }) => Tags.map(({ Key = "", Value = "" }) => [Key, Value] as const));
  const ofGroup = [...group.tags.values()]
    .filter(({ propagateAtLaunch }) => propagateAtLaunch)
    .map(({ key, value }) => [key, value] as const);
  const instance = new Map([
    ["aws:ec2launchtemplate:id", id],
    ["aws:ec2launchtemplate:version", String(version)],
    ["aws:autoscaling:groupName", group.name],
    ...ofTemplate("instance"),
    ...ofGroup,
  ]);
  const specifications = [
    { type: "instance" as const, tags: instance },
    { type: "volume" as const, tags: new Map(ofTemplate("volume")) },
    { type: "network-interface" as const, tags: new Map(ofTemplate("network-interface")) },
  ];
  return specifications
    .filter(({ tags }) => tags.size > 0)
    .map(({ type, tags }) => ({ ResourceType: type, Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }));
}
