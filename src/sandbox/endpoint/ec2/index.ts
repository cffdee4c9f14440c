import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Machines } from "../../machines.ts";
import type { Handler } from "../handler.ts";
import type { MotoRead } from "../moto-read.ts";
import { changeState } from "./change-state.ts";
import { consoleOutput } from "./console-output.ts";
import type { DeletedVersions } from "./deleted-versions.ts";
import type { Instances } from "./instances.ts";
import type { Power } from "./power.ts";
import { runInstances } from "./run-instances.ts";

export interface Ec2Parts {
  ec2: EC2Client;
  motoRead: MotoRead;
  machines: Machines;
  instances: Instances;
  power: Power;
  deletedVersions: DeletedVersions;
  /** Load balancers' own network interfaces. */
  interfaces: { owns(interfaceId: string): boolean };
}

/** What EC2 does beyond moto. */
export function ec2Handlers(parts: Ec2Parts): Handler[] {
  const { ec2, power, deletedVersions } = parts;
  return [
    runInstances({ ec2, power, isDeletedVersion: deletedVersions.has }),
    ...changeState(power),
    consoleOutput(parts),
  ];
}
