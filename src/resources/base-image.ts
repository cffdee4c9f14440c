import { waitFor } from "../aws/wait.ts";
import { type Deletable, deletionOf, type Live, type Resource } from "../engine/resource.ts";
import { isOwnKey, type Tags } from "../stack.ts";
import { basePart, type ImageLive, image, mustStay, ownImages, readImages, retagImages } from "./image.ts";

interface Desired {
  /** The hash of all that shapes it. */
  layer: string;
  /** Undefined for one that is yet to be made. */
  tags: Tags | undefined;
}

export interface BaseImageLive extends ImageLive {
  layer: string;
}

/** As long as Packer waits for an image, in seconds. */
const limitSeconds = 2400;

/**
 * What releases are baked upon: the system with its updates, packages and pip's packages, without the app. It is made of
 * the builder of the first release that needs it, before the app is put on, so that it costs no bake of its own.
 */
export const baseImage: Resource<Desired, BaseImageLive> = {
  ...(deletionOf(image) as Partial<Deletable<BaseImageLive>>),
  resource: basePart,
  kind: "image",
  dependsOn: [image],
  verbs: { create: "bake" },
  whyMade: ({ image: wanted }) => ("named" in wanted ? undefined : wanted.layer.why),

  find: async ({ at }) => (await at(ownImages)).filter(isBase).map(withLayer),

  /** One that is not there is made only with a release that is baked anyway. */
  desired({ image: wanted, config }, _need, live) {
    if ("named" in wanted) return undefined;
    const { key: layer, image: there } = wanted.layer;
    if (!there && wanted.baked) return undefined;
    const own = Object.entries(live?.tags ?? {}).filter(([name]) => isOwnKey(name));
    return { layer, tags: live?.layer === layer ? { ...config.tags, ...Object.fromEntries(own) } : undefined };
  },

  choose(found, { layer }) {
    const current = found.find((one) => one.layer === layer && one.status === "available");
    return { current, surplus: found.filter((one) => one !== current && !mustStay(one)) };
  },

  update: retagImages,

  /** The image's bake has made it; AWS may have to finish it. One that AWS fails to is the next deploy's to make again. */
  async create({ aws, inputs, signal, progress, report }, { layer }) {
    if ("named" in inputs.image) throw new Error("a named image is not baked");
    const Filters = [{ Name: "name", Values: [inputs.image.layer.imageName] }];
    let made: BaseImageLive | undefined;
    const ended = async () => {
      made = (await readImages(aws, { Owners: ["self"], Filters })).map(withLayer)[0] ?? made;
      progress(`waiting for ${made?.id ?? "AWS to list it"}`);
      return made && made.status !== "pending" ? made : undefined;
    };
    await waitFor(ended, { limitSeconds, signal, progress, pause: { first: 0.5, longest: 5 } });
    if (!made) throw new Error(`the base image ${layer} was made and is not listed`);
    if (made.status !== "available")
      report({ type: "warning", text: `The base image ${made.id} is ${made.status}: another bake makes a new one.` });
    return made;
  },

  state: (live) => live.status,
};

function isBase({ tags }: Live): boolean {
  return tags["multivac:resource"] === basePart;
}

function withLayer(live: ImageLive): BaseImageLive {
  return { ...live, layer: live.tags["multivac:layer"] ?? "" };
}
