import { DescribeKeyPairsCommand, type EC2Client } from "@aws-sdk/client-ec2";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";

/** `DeleteKeyPair` by id; moto knows key pairs by their names alone. */
export function deleteKeyPair(ec2: EC2Client): Handler {
  return {
    service: "ec2",
    action: "DeleteKeyPair",
    async before(call) {
      const id = parametersOf(call).optional("KeyPairId");
      if (!id) return;
      const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({}));
      const name = KeyPairs.find(({ KeyPairId }) => KeyPairId === id)?.KeyName;
      if (name) call.form?.set("KeyName", name);
    },
  };
}
