import type { Aws } from "../aws/aws.ts";
import { orMissing } from "../aws/wait.ts";
import { loadConfig } from "../config/load.ts";
import type { Seen } from "../engine/look.ts";
import { makePlan } from "../engine/plan.ts";
import { Failure } from "../failure.ts";
import { type ImageLive, image, readImages } from "../resources/image.ts";
import { stackResources } from "../resources/index.ts";
import type { LaunchTemplateLive } from "../resources/launch-template.ts";
import { type Context, type Session, settleIn } from "../session.ts";

/**
 * The resources that a deploy of the release in use would change. Undefined where that cannot be told: the config or
 * the image in use is not there or not right.
 */
export async function driftOf(
  { options }: Context,
  { aws, stack, sandbox }: Session,
  seen: Seen,
  template: LaunchTemplateLive | undefined,
): Promise<string[] | undefined> {
  if (options.name !== undefined || !template) return undefined;
  try {
    const { config } = await loadConfig(options.config ?? "config.json", options);
    const named = await imageInUse(aws, seen, template);
    if (!named) return undefined;
    if (sandbox) settleIn(sandbox, config);
    const { changes } = makePlan(stackResources, seen, { config, stack, image: { named } });
    return [...new Set(changes.filter(({ action }) => action !== "none").map(({ resource }) => resource))];
  } catch (error) {
    // Status tells how things are also where the config is broken.
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The image that the template names, with the release that the template gives its instances. */
async function imageInUse(aws: Aws, seen: Seen, template: LaunchTemplateLive): Promise<ImageLive | undefined> {
  const owned = (seen.get(image)?.owned ?? []) as ImageLive[];
  const missing = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed"];
  const read = () => orMissing(readImages(aws, { ImageIds: [template.imageId] }), ...missing);
  return owned.find(({ id }) => id === template.imageId) ?? (await read())?.[0];
}
