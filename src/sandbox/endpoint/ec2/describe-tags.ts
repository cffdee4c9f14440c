import { DescribeNetworkInterfacesCommand, DescribeVolumesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { elements, text } from "../xml.ts";

/** Which parameter of a delete names what is gone after it. */
const deletes: Record<string, string> = {
  DeleteLaunchTemplate: "LaunchTemplateId",
  DeleteSecurityGroup: "GroupId",
  DeleteKeyPair: "KeyPairId",
  DeleteNetworkInterface: "NetworkInterfaceId",
  DeleteSnapshot: "SnapshotId",
  DeleteVolume: "VolumeId",
  DeregisterImage: "ImageId",
};

/** `DescribeTags` without what was deleted, whose tags moto keeps; those of ended instances EC2 keeps for a while too. */
export function describeTags(ec2: EC2Client): Handler[] {
  const gone = new Set<string>();
  return [
    {
      service: "ec2",
      action: Object.keys(deletes),
      after(call) {
        const id = parametersOf(call).optional(deletes[call.action] ?? "");
        if (id) gone.add(id);
      },
    },
    {
      service: "ec2",
      action: "DescribeTags",
      async after(_call, result) {
        const tags = elements(result.tagSet);
        const has = (kind: string) => tags.some(({ resourceType }) => text(resourceType) === kind);
        const [{ Volumes = [] }, { NetworkInterfaces = [] }] = await Promise.all([
          has("volume") ? ec2.send(new DescribeVolumesCommand({})) : { Volumes: [] },
          has("network-interface") ? ec2.send(new DescribeNetworkInterfacesCommand({})) : { NetworkInterfaces: [] },
        ]);
        // They go with their instances, by no call of their own.
        const there = new Map<string, Set<string | undefined>>([
          ["volume", new Set(Volumes.map(({ VolumeId }) => VolumeId))],
          ["network-interface", new Set(NetworkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId))],
        ]);
        result.tagSet = tags.filter(({ resourceId, resourceType }) => {
          const id = text(resourceId);
          return there.get(text(resourceType))?.has(id) ?? !gone.has(id);
        });
      },
    },
  ];
}
