import { DeleteKeyPairCommand, DescribeKeyPairsCommand } from "@aws-sdk/client-ec2";
import { readTags, stackFilters } from "../aws/tags.ts";
import type { Live, Resource } from "../engine/resource.ts";

/** A builder's temporary key pair, left behind when a bake dies. */
export const keyPair: Resource<object, Live> = {
  resource: "builder-key-pair",
  kind: "key-pair",
  dependsOn: [],

  async find({ aws, stack }) {
    const { KeyPairs = [] } = await aws.ec2.send(new DescribeKeyPairsCommand({ Filters: stackFilters(stack) }));
    return KeyPairs.map(({ KeyPairId = "", KeyName = "", Tags }) => ({
      id: KeyPairId,
      name: KeyName,
      tags: readTags(Tags),
    }));
  },

  /** EC2 answers the same for a key pair that is gone. */
  async delete({ aws }, live) {
    await aws.ec2.send(new DeleteKeyPairCommand({ KeyPairId: live.id }));
  },
};
