import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Machines } from "../../machines.ts";
import type { Instances } from "../ec2/instances.ts";
import type { Handler } from "../handler.ts";
import { agents } from "./agents.ts";
import { commands } from "./commands.ts";
import { instanceInformation } from "./instance-information.ts";

export interface SsmParts {
  ec2: EC2Client;
  instances: Instances;
  machines: Pick<Machines, "pid">;
}

/** What Systems Manager does with instances: it lists those with an agent, and runs commands on them. */
export function ssmHandlers(parts: SsmParts): Handler[] {
  const agentsOf = agents(parts);
  return [instanceInformation(agentsOf), ...commands(agentsOf, parts.instances)];
}
