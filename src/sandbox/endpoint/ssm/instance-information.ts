import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { documentOf } from "../json.ts";
import type { Agents } from "./agents.ts";

interface Asked {
  Filters?: { Key: string; Values: string[] }[];
}

/** `DescribeInstanceInformation`: the instances whose agents SSM hears of; what it does not know is not in the list. */
export function instanceInformation(agents: Agents): Handler {
  return {
    service: "ssm",
    action: "DescribeInstanceInformation",
    async instead(call) {
      const { Filters = [] } = documentOf<Asked>(call);
      const other = Filters.find(({ Key }) => Key !== "InstanceIds");
      if (other) throw new AwsError("InvalidFilterKey", `The sandbox's SSM has no filter ${other.Key}.`);
      const [ids] = Filters.map(({ Values }) => Values);
      const found = [...(await agents(ids)).keys()];
      return {
        InstanceInformationList: found.map((InstanceId) => ({
          InstanceId,
          PingStatus: "Online",
          PlatformType: "Linux",
          PlatformName: "Debian GNU/Linux",
          PlatformVersion: "12",
          ResourceType: "EC2Instance",
        })),
      };
    },
  };
}
