import { type Architecture, architectureIn, unknownType } from "../../aws/base-image.ts";
import { usualBuilders } from "../../deploy/bake-order.ts";
import { Failure, throwAny } from "../../failure.ts";
import type { Check, Ground } from "../check.ts";
import { readOfferings, readSubnets, readTypes } from "../reads.ts";
import { subnets } from "./network.ts";
import { account } from "./settings.ts";

/** A type that the config wants, and the key that names it. */
interface Wanted {
  type: string;
  key: string;
}

/** That EC2 has the instances' type and the builder's, and that both are of one architecture. */
export const instanceType: Check = {
  name: "instance-type",
  needs: [account],
  async look(ground) {
    const [types, { instances, builder }] = await Promise.all([readTypes(ground), wantedTypes(ground)]);
    const architectures = [instances, ...(builder ? [builder] : [])].map(({ type, key }) => {
      if (!types.has(type)) throw unknownType(type, "EC2 does not list it here.", key);
      return architectureIn(type, types.get(type), key);
    });
    const [own = "", others] = architectures;
    if (builder && others !== own) {
      throw new Failure({
        code: "architecture-mismatch",
        message: `The builder's ${builder.type} is ${others}, and ${instances.type} is ${own}.`,
        reason: "An image is for the architecture of the machine that it was made of.",
        fix: `Set ${builder.key} to an ${own} type, or to null.`,
      });
    }
    const { VCpuInfo, MemoryInfo } = types.get(instances.type) ?? {};
    const memory = (MemoryInfo?.SizeInMiB ?? 0) / 1024;
    const detail = `${instances.type}: ${own}, ${VCpuInfo?.DefaultVCpus} vCPUs, ${memory} GiB`;
    return builder ? `${detail}; a bake's builder is a ${builder.type}` : detail;
  },
};

/** That the zones of the config's subnets have the instances' type, and the first of them the builder's. */
export const offered: Check = {
  name: "offered",
  needs: [subnets, instanceType],
  async look(ground) {
    const [aws, found, offerings, wanted] = await Promise.all([
      ground.aws(),
      readSubnets(ground),
      readOfferings(ground),
      wantedTypes(ground),
    ]);
    const zones = [...new Set(found.map(({ AvailabilityZone = "" }) => AvailabilityZone))];
    const { instances, builder } = wanted;
    // What EC2 does not know at all is told by another check.
    if (!offerings.get(instances.type)?.size && aws.endpoint) {
      return { state: "warning", detail: `no zone is listed for ${instances.type}; an emulator may not know them` };
    }
    const lacking = ({ type, key }: Wanted, among: readonly string[]) =>
      among
        .filter((zone) => !offerings.get(type)?.has(zone))
        .map((zone) => notOffered({ type, key }, zone, [...(offerings.get(type) ?? [])]));
    const own = lacking(instances, zones);
    const builders = builder && builder.type !== instances.type ? lacking(builder, zones.slice(0, 1)) : [];
    throwAny([...own, ...builders]);
    return `${instances.type} in ${zones.join(", ")}`;
  },
};

/** The instances' type, and the builder's where there may be a bake. */
export async function wantedTypes(ground: Ground): Promise<{ instances: Wanted; builder: Wanted | undefined }> {
  const [{ config }, bakes] = await Promise.all([ground.loaded(), ground.bakes()]);
  const instances = { type: config.instances.type, key: "instances.type" };
  if (!bakes) return { instances, builder: undefined };
  const own = config.image.builder.instanceType;
  const type = own ?? usualBuilders[await architectureOf(ground, instances)];
  return { instances, builder: { type, key: "image.builder.instanceType" } };
}

async function architectureOf(ground: Ground, { type, key }: Wanted): Promise<Architecture> {
  const types = await readTypes(ground);
  if (!types.has(type)) throw unknownType(type, "EC2 does not list it here.", key);
  return architectureIn(type, types.get(type), key);
}

function notOffered({ type, key }: Wanted, zone: string, others: readonly string[]): Failure {
  const zones = [...others].sort().join(", ");
  return new Failure({
    code: "type-not-offered",
    message: `${type} is not offered in ${zone}.`,
    reason: `EC2 offers it ${zones ? `in ${zones}` : "in no zone of this region"}.`,
    fix: `Set ${key} to a type that is offered there${zones ? `, or network.subnetIds to subnets in ${zones}` : ""}.`,
  });
}
