import { hashAppSource } from "../app/release.ts";
import { type AppSource, readAppSource } from "../app/source.ts";
import { ConfigInvalid } from "../config/invalid.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Place } from "../documents.ts";
import { look, type Seen } from "../engine/look.ts";
import { makePlan, type Plan } from "../engine/plan.ts";
import type { AnyResource } from "../engine/resource.ts";
import { throwRejected } from "../failure.ts";
import type { Inputs } from "../inputs.ts";
import { baseImage } from "../resources/base-image.ts";
import { image as imageResource } from "../resources/image.ts";
import { stackResources } from "../resources/index.ts";
import type { Context, Session } from "../session.ts";
import { openConfigured } from "../session.ts";
import { checkFirst } from "./check-first.ts";
import { chooseImage, givenImage } from "./image.ts";
import { baseOfPlan, imageOfPlan, refuseOtherStack, type SavedPlan } from "./saved-plan.ts";

export type { Place };

/** A stack that was looked at, and what a deploy would do with it. */
export interface Prepared {
  session: Session;
  /** The stack as every JSON document names it. */
  place: Place;
  seen: Seen;
  inputs: Inputs;
  plan: Plan;
  /** The same, after another look at AWS and the app. */
  again(): Promise<Prepared>;
}

/** The app's source as it is now, after a person was asked or a lock waited for; a `Failure` where it is not right any more. */
async function readAgain({ file, config, source }: LoadedConfig): Promise<AppSource | undefined> {
  if (!config.app || !source) return source;
  const { source: now, problems } = await readAppSource(config.app, file);
  if (problems.length > 0) throw new ConfigInvalid(file, problems);
  return now;
}

/** Where a stack is; what was seen of it may tell the account. */
export async function placeOf({ stack, aws, account }: Session, seen?: Seen): Promise<Place> {
  const found = [...(seen?.values() ?? [])].flatMap(({ owned }) => owned);
  return { ...stack, region: aws.region, account: await account(found) };
}

/** What is looked at of a stack: where an image is given, not those of releases. */
export function lookedAt(given: string | undefined): readonly AnyResource[] {
  return given
    ? stackResources.filter((resource) => resource !== imageResource && resource !== baseImage)
    : stackResources;
}

/**
 * What plan and deploy begin with: the config, one look at AWS, the image, the plan. Changes nothing. A saved plan must
 * be of the same stack, and says which image it is about. `checked` makes the checks that a deploy needs at its first look.
 */
export async function prepare(
  context: Context,
  wanted: { image?: string; refreshBase?: boolean; checked?: boolean },
  saved?: SavedPlan | undefined,
): Promise<Prepared> {
  const named = saved ? imageOfPlan(saved, wanted.image) : wanted.image;
  const { loaded, ...session } = await openConfigured(context);
  const { aws, stack, sandbox } = session;
  const { config, source } = loaded;
  const { report, kill } = context;
  const planned = saved && baseOfPlan(saved);
  const base = planned ?? (wanted.refreshBase ? "newest" : "in use");
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const choice = { aws, stack, config, source, sandbox, base, now, report, kill } as const;

  const given = named ?? config.image.id;
  const resources = lookedAt(given);
  const about = {
    env: process.env,
    sandbox,
    inSandbox: sandbox !== undefined,
    loaded: async () => loaded,
    aws: async () => aws,
    caller: session.caller,
    bakes: async () => given === undefined,
  };

  const lookNow = async (known?: Inputs["image"]): Promise<Prepared> => {
    const looking = look(aws, stack, resources);
    // Of a given image the app does not matter, whatever has become of it.
    const reading = known && !given ? readAgain(loaded) : Promise.resolve(source);
    // Whoever needs the hash waits for it, and hears of its failure.
    if (!given) reading.then((app) => app && hashAppSource(app)).catch(() => undefined);
    // An image that was given stays what it is.
    const choosing =
      known && "named" in known
        ? Promise.resolve(known)
        : given
          ? givenImage(choice, given, looking)
          : Promise.all([looking, reading]).then(([seen, app]) => chooseImage({ ...choice, source: app }, seen));
    const placing = looking.then((seen) => placeOf(session, seen));
    const ground = { ...about, seen: () => looking, wanted: () => choosing };
    const checking = wanted.checked && !known ? checkFirst(ground, report) : undefined;
    const chosen = Promise.allSettled([choosing, checking]);
    // In a place that is not the right one nothing else is worth telling.
    const [place, seen] = await Promise.all([placing, looking]);
    if (saved) refuseOtherStack(saved, place);
    throwRejected(await chosen);
    const image = await choosing;
    const inputs: Inputs = { config, stack, image };
    return {
      session,
      place,
      seen,
      inputs,
      plan: makePlan(stackResources, seen, inputs),
      again: () => lookNow(image),
    };
  };
  return await lookNow();
}
