import { DescribeImagesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Images } from "./images.ts";

/** Deregistration protection of images; one that had a cooldown is protected for a day after it is taken off. */
export function deregistrationProtection({ ec2, images }: { ec2: EC2Client; images: Images }): Handler[] {
  const change = (action: string, become: (id: string, withCooldown: boolean) => void): Handler => ({
    service: "ec2",
    action,
    async instead(call) {
      const parameters = parametersOf(call);
      const id = parameters.text("ImageId");
      const { Images: own = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }));
      if (!own.some(({ ImageId }) => ImageId === id)) {
        throw new AwsError("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
      }
      become(id, parameters.flag("WithCooldown") ?? false);
      return { return: images.protection(id).shown };
    },
  });
  return [
    change("EnableImageDeregistrationProtection", (id, withCooldown) => images.protect(id, withCooldown)),
    change("DisableImageDeregistrationProtection", (id) => images.unprotect(id)),
    {
      service: "ec2",
      action: "DeregisterImage",
      before(call) {
        const id = parametersOf(call).text("ImageId");
        if (!images.protection(id).holds) return;
        throw new AwsError("OperationNotPermitted", `The image '${id}' has deregistration protection.`);
      },
    },
  ];
}
