import { DescribeKeyPairsCommand } from "@aws-sdk/client-ec2";
import { Failure } from "../../failure.ts";
import type { Check } from "../check.ts";
import { account } from "./settings.ts";

export const keyPair: Check = {
  name: "key-pair",
  needs: [account],
  async look(ground) {
    const [aws, loaded] = await Promise.all([ground.aws(), ground.loaded()]);
    const { keyName } = loaded.config.instances;
    if (keyName === null) return "the config names none";
    const Filters = [{ Name: "key-name", Values: [keyName] }];
    const { KeyPairs = [] } = await aws.ec2.send(new DescribeKeyPairsCommand({ Filters }));
    if (KeyPairs.some(({ KeyName }) => KeyName === keyName)) return keyName;
    throw new Failure({
      code: "key-pair-not-found",
      message: `There is no key pair ${keyName} in ${aws.region} of this account.`,
      reason: "No instance is launched with a key pair that is not there; one is of one account and region.",
      fix: "Set instances.keyName to null, or to one of those listed by: aws ec2 describe-key-pairs",
    });
  },
};
