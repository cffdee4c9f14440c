import { DescribeInstanceTypesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import type { Handler } from "../handler.ts";
import { type Element, elements, text } from "../xml.ts";

/** `DescribeInstances` tells each instance's processors: those that its type has. */
export function cpuOptions(ec2: EC2Client): Handler {
  /** By instance type; they do not change. */
  const known = new Map<string, Promise<Element | undefined>>();

  async function read(type: string): Promise<Element | undefined> {
    const InstanceTypes = [type as "t3.micro"];
    const found = await ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes })).catch(() => undefined);
    const { DefaultCores, DefaultThreadsPerCore = 1, DefaultVCpus } = found?.InstanceTypes?.[0]?.VCpuInfo ?? {};
    const cores = DefaultCores ?? (DefaultVCpus ?? 0) / DefaultThreadsPerCore;
    return cores > 0 ? { coreCount: cores, threadsPerCore: DefaultThreadsPerCore } : undefined;
  }

  return {
    service: "ec2",
    action: "DescribeInstances",
    async after(_call, result) {
      for (const { instancesSet } of elements(result.reservationSet)) {
        for (const instance of elements(instancesSet)) {
          const type = text(instance.instanceType);
          const reading = known.get(type) ?? read(type);
          known.set(type, reading);
          instance.cpuOptions = await reading;
        }
      }
    },
  };
}
