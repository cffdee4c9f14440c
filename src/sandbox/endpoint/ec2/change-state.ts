import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Power } from "./power.ts";

/** The calls that start, stop, reboot and terminate instances: the machines follow before the answer is given. */
export function changeState(power: Power): Handler[] {
  const follows = (action: string, follow: (ids: string[]) => Promise<void>): Handler => ({
    service: "ec2",
    action,
    after: (call) => follow(parametersOf(call).list("InstanceId")),
  });
  return [
    follows("StartInstances", power.start),
    follows("StopInstances", power.stop),
    follows("RebootInstances", power.reboot),
    follows("TerminateInstances", power.terminate),
  ];
}
