import { DeleteKeyPairCommand, DescribeKeyPairsCommand, type Filter } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { tagIndexOf } from "../aws/tag-index.ts";
import { readTags, stackFilters } from "../aws/tags.ts";
import { tagsOf } from "../aws/tags-now.ts";
import type { Deletable, Live } from "../engine/resource.ts";
import { builder, temporaryKeys } from "./builder.ts";

/** A builder's temporary key pair, left behind when a bake dies. */
export const keyPair: Deletable<Live> = {
  resource: "builder-key-pair",
  kind: "key-pair",
  dependsOn: [],

  async find(look) {
    const { aws, stack, at } = look;
    const [index, builders] = await Promise.all([tagIndexOf(look), at(builder)]);
    const tagged = index.has("key-pair") ? await readKeyPairs(aws, stackFilters(stack)) : [];
    const temporary = await temporaryKeys(aws, builders);
    const names = [...temporary.keys()].filter((name) => !tagged.some((pair) => pair.name === name));
    const named = names.length > 0 ? await readKeyPairs(aws, [{ Name: "key-name", Values: names }]) : [];
    return [...tagged, ...named.map((pair) => ({ ...pair, ...temporary.get(pair.name) }))];
  },

  /** EC2 answers the same for a key pair that is gone. */
  async delete({ aws }, live) {
    await aws.ec2.send(new DeleteKeyPairCommand({ KeyPairId: live.id }));
  },

  tagsNow: ({ ec2 }, { id, name = "" }) =>
    tagsOf(ec2.send(new DescribeKeyPairsCommand({ KeyNames: [name] })), { list: "KeyPairs", field: "KeyPairId", id }),
};

async function readKeyPairs({ ec2 }: Aws, Filters: Filter[]): Promise<(Live & { name: string })[]> {
  const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({ Filters }));
  return KeyPairs.map(({ KeyPairId = "", KeyName = "", Tags }) => ({
    id: KeyPairId,
    name: KeyName,
    tags: readTags(Tags),
  }));
}
