import { type Deletable, deletionOf } from "../engine/resource.ts";
import { isOwned, stackKey } from "../stack.ts";
import { type BuilderLive, builder, from } from "./builder.ts";
import { type ImageLive, image, readImages } from "./image.ts";

/** Images of builders that nobody has tagged yet: pending, failed, or just made when a bake died. */
export const builderImage: Deletable<ImageLive> = {
  ...deletionOf(image),
  resource: "builder-image",
  kind: "image",
  dependsOn: [],

  async find({ aws, stack, at }) {
    const builders = await at(builder);
    if (builders.length === 0) return [];
    const Filters = [{ Name: "source-instance-id", Values: builders.map(({ id }) => id) }];
    const made = await readImages(aws, { Owners: ["self"], IncludeDisabled: true, Filters });
    const source = (one: ImageLive) => builders.find(({ id }) => id === one.sourceInstanceId) as BuilderLive;
    return made
      .filter(({ name = "", tags }) => name.startsWith(`${stackKey(stack)}-`) && !isOwned(stack, tags))
      .map((one) => ({ ...one, ...from(source(one)) }));
  },
};
