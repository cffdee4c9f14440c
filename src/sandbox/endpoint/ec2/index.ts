import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Machines } from "../../machines.ts";
import type { Handler } from "../handler.ts";
import type { Later } from "../later.ts";
import type { MotoRead } from "../moto-read.ts";
import { changeState } from "./change-state.ts";
import { consoleOutput } from "./console-output.ts";
import { cpuOptions } from "./cpu-options.ts";
import { createImage } from "./create-image.ts";
import type { DeletedVersions } from "./deleted-versions.ts";
import { deregisterImage } from "./deregister-image.ts";
import { deregistrationProtection } from "./deregistration-protection.ts";
import { describeImages } from "./describe-images.ts";
import { describeInstances } from "./describe-instances.ts";
import { describeTags } from "./describe-tags.ts";
import { dryRun } from "./dry-run.ts";
import type { Images } from "./images.ts";
import type { Instances } from "./instances.ts";
import { deleteKeyPair } from "./key-pairs.ts";
import type { CheckLaunch } from "./launch-checks.ts";
import { launchTemplates } from "./launch-templates.ts";
import { networkInterfaces } from "./network-interfaces.ts";
import type { Power } from "./power.ts";
import { registerImage } from "./register-image.ts";
import { runInstances } from "./run-instances.ts";
import { securityGroups } from "./security-groups.ts";
import { describeSnapshots } from "./snapshots.ts";
import { tagsAtCreation } from "./tags-at-creation.ts";

export interface Ec2Parts {
  ec2: EC2Client;
  motoRead: MotoRead;
  machines: Machines;
  instances: Instances;
  power: Power;
  deletedVersions: DeletedVersions;
  images: Images;
  checkLaunch: CheckLaunch;
  baseImageCreated: Date;
  later: Later;
  /** Load balancers' own network interfaces. */
  interfaces: { owns(interfaceId: string): boolean };
}

/** What EC2 does beyond moto. */
export function ec2Handlers(parts: Ec2Parts): Handler[] {
  const { ec2, power, deletedVersions } = parts;
  return [
    tagsAtCreation,
    runInstances({ ...parts, isDeletedVersion: deletedVersions.has }),
    ...changeState(power),
    ...describeInstances(parts),
    cpuOptions(ec2),
    consoleOutput(parts),
    createImage(parts),
    describeImages(parts),
    ...deregistrationProtection(parts),
    deregisterImage(parts),
    ...registerImage(parts),
    describeSnapshots(parts),
    deleteKeyPair(ec2),
    ...securityGroups(ec2),
    ...networkInterfaces(parts),
    ...launchTemplates(parts),
    ...describeTags(ec2),
    dryRun,
  ];
}
