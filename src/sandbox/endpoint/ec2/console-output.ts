import type { Machines } from "../../machines.ts";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Instances } from "./instances.ts";

/** `GetConsoleOutput`: what the machine really wrote. */
export function consoleOutput({ machines, instances }: { machines: Machines; instances: Instances }): Handler {
  return {
    service: "ec2",
    action: "GetConsoleOutput",
    async instead(call) {
      const id = parametersOf(call).text("InstanceId");
      if (!instances.get(id)) {
        throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
      }
      const output = await machines.console(id).catch(() => "");
      return { instanceId: id, timestamp: new Date(), output: Buffer.from(output).toString("base64") };
    },
  };
}
