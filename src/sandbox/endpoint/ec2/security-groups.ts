import {
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";

/** Security groups: the limits of their names, and none is deleted that something depends on. */
export function securityGroups(ec2: EC2Client): Handler[] {
  async function all(): Promise<SecurityGroup[]> {
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    return SecurityGroups;
  }

  return [
    {
      service: "ec2",
      action: "CreateSecurityGroup",
      async before(call) {
        const parameters = parametersOf(call);
        const name = parameters.text("GroupName");
        checkText("name", name);
        checkText("description", parameters.text("GroupDescription"));
        if (name.startsWith("sg-")) {
          throw new AwsError(
            "InvalidParameterValue",
            `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*`,
          );
        }
        const vpcId = parameters.optional("VpcId");
        const taken = (await all()).find(
          (group) => group.VpcId === vpcId && group.GroupName?.toLowerCase() === name.toLowerCase(),
        );
        if (taken) {
          throw new AwsError(
            "InvalidGroup.Duplicate",
            `The security group '${name}' already exists for VPC '${vpcId}'`,
          );
        }
      },
    },
    {
      service: "ec2",
      action: "DeleteSecurityGroup",
      async before(call) {
        const parameters = parametersOf(call);
        const groups = await all();
        const group = groups.find(
          ({ GroupId, GroupName }) =>
            GroupId === parameters.optional("GroupId") || GroupName === parameters.optional("GroupName"),
        );
        const id = group?.GroupId;
        if (!id) return;
        if (group.GroupName === "default") {
          throw new AwsError(
            "CannotDelete",
            `the specified group: "${id}" name: "default" cannot be deleted by a user`,
          );
        }
        const named = groups.some((other) => other.GroupId !== id && namesGroup(other, id));
        if (named || (await isWorn(ec2, id))) {
          throw new AwsError("DependencyViolation", `resource ${id} has a dependent object`);
        }
      },
    },
  ];
}

function checkText(what: "name" | "description", value: string): void {
  if (/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(value)) return;
  throw new AwsError(
    "InvalidParameterValue",
    `Invalid security group ${what}. Valid ${what}s are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`,
  );
}

function namesGroup({ IpPermissions = [], IpPermissionsEgress = [] }: SecurityGroup, id: string): boolean {
  return [...IpPermissions, ...IpPermissionsEgress].some(({ UserIdGroupPairs = [] }) =>
    UserIdGroupPairs.some(({ GroupId }) => GroupId === id),
  );
}

async function isWorn(ec2: EC2Client, id: string): Promise<boolean> {
  const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
  return NetworkInterfaces.some(({ Groups = [] }) => Groups.some(({ GroupId }) => GroupId === id));
}
