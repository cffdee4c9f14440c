import type { Check } from "../check.ts";
import { instanceType } from "./instance-type.ts";
import { account } from "./settings.ts";
import { stack } from "./stack.ts";

/** That there is an image to deploy, or one to bake upon, for the instances' architecture. */
export const image: Check = {
  name: "image",
  needs: [account, stack, instanceType],
  async look(ground) {
    const wanted = await ground.wanted();
    if ("named" in wanted) return `${wanted.named.id}, ${wanted.named.architecture}`;
    const { release, base, layer, baked } = wanted;
    if (baked) return `release ${release} is baked`;
    const below = layer.image ? `the base image ${layer.image.id}` : base.id;
    const { config } = await ground.loaded();
    return `release ${release} is to be baked, on ${below} (${config.image.os})`;
  },
};
