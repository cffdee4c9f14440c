import type { Aws } from "../aws/aws.ts";
import type { BakeOrder } from "../bake/order.ts";
import type { Inputs } from "../inputs.ts";
import type { Report } from "../progress.ts";
import { bakeOrder, imageName, type Release, systemTags } from "./bake-order.ts";
import { takeDownBuilder } from "./builder.ts";
import type { ImageChoice } from "./image.ts";
import { keepBase } from "./keep-base.ts";
import { makeWay } from "./make-way.ts";
import { savedImage } from "./saved-image.ts";

type BakeOf = Pick<Exclude<Inputs["image"], { named: unknown }>, "bake" | "ended">;

/** What Packer does once the image is there. */
const task = "builder";

/** How to bake a release. The image may be used as soon as it is whole; `ended` tells when its builder is gone too. */
export function bakeOf(choice: ImageChoice, what: Release): BakeOf {
  let ending: Promise<void> = Promise.resolve();
  const bake = (stop: AbortSignal, progress: (text: string) => void) =>
    new Promise<string>((resolve, reject) => {
      let isMade = false;
      const tell = (text: string) => (isMade ? choice.report({ type: "update", task, text }) : progress(text));
      const onImage = (imageId: string) => {
        isMade = true;
        choice.report({ type: "start", task, aside: true });
        resolve(imageId);
      };
      ending = run(choice, what, { stop, tell, onImage }).then(
        (imageId) => {
          if (isMade) choice.report({ type: "end", task, outcome: "done" });
          resolve(imageId);
        },
        (error) => {
          if (isMade) choice.report({ type: "end", task, outcome: "failed", text: (error as Error).message });
          reject(error);
        },
      );
    });
  return { bake, ended: () => ending };
}

const withoutMachines =
  "This sandbox runs without machines, and a bake waits for one. Interrupt, stop it with `multivac sandbox stop`, and deploy again: the sandbox then starts with them.";

interface Baking {
  stop: AbortSignal;
  tell: (text: string) => void;
  onImage: (imageId: string) => void;
}

async function run(choice: ImageChoice, what: Release, { stop, tell, onImage }: Baking): Promise<string> {
  const { aws, stack, sandbox } = choice;
  const { layer } = what;
  if (sandbox?.machines === false) choice.report({ type: "warning", text: withoutMachines });
  const names = [imageName(choice, what), ...(layer.image ? [] : [layer.imageName])];
  const preparing = [
    import("../bake/bake.ts"),
    bakeOrder(choice, what),
    makeWay({ aws, stack, signal: stop, progress: tell }, names),
  ] as const;
  const [{ bake }, order] = await Promise.all(preparing).finally(() => Promise.allSettled(preparing));
  const report: Report = (event) => (event.type === "update" ? tell(event.text) : choice.report(event));
  const tags = { ...systemTags(choice, what.base), "multivac:layer": layer.key, "multivac:parts": layer.parts };
  const kept = { aws, stack, bakeId: order.id, name: layer.imageName, tags, signal: stop, progress: tell };
  const keep = layer.image ? undefined : () => keepBase(kept);
  try {
    return (await bake({ ...order, keepBase: keep, onImage }, report, stop, choice.kill)).imageId;
  } catch (error) {
    if (choice.kill.aborted) throw error;
    const saved = await afterFailure(aws, order, stop, tell).catch(({ message }: Error) => {
      const text = `What the failed bake has left could not be seen to: ${message} The next deploy or destroy does it.`;
      choice.report({ type: "warning", text });
    });
    if (!saved) throw error;
    return saved;
  }
}

/** The image that was made all the same, if there is one; of the builder nothing is left. */
async function afterFailure(
  aws: Aws,
  order: BakeOrder,
  stop: AbortSignal,
  progress: (text: string) => void,
): Promise<string | undefined> {
  const saved = stop.aborted ? undefined : await savedImage(aws, order, stop, progress);
  // Packer takes its builder down itself, but not always: a crash of it must not cost money.
  await takeDownBuilder(aws, order.id, progress);
  return saved;
}
