import { join } from "node:path";
import { bootId } from "../../process-identity.ts";
import { forgetContainer } from "./container.ts";
import { removeControlGroup } from "./control-group.ts";
import { removeLink } from "./links.ts";
import { removeFolder, unmountBelow } from "./mounts.ts";
import { removeBlock } from "./network.ts";
import { forgetMade, listMade, type RecordedThing } from "./record.ts";

/** Processes hold mounts and links, links hold the block: they go in this order. */
const order = ["cgroup", "mount", "link", "address-block"] as const;

/**
 * Takes down exactly what the state folder records as made, also after its owner was killed, and then the disks. May be
 * repeated; the owner must not run any more.
 */
export async function cleanUp(stateFolder: string): Promise<void> {
  const thisBoot = await bootId();
  const made = await listMade(stateFolder);
  for (const kind of order) {
    for (const thing of made.filter((one) => one.kind === kind)) {
      // What an earlier boot of the host had is gone, and its name may be another sandbox's now.
      if (thing.bootId === thisBoot) await takeDown(stateFolder, thing);
      await forgetMade(stateFolder, thing);
    }
  }
  for (const name of ["machines", "layers", "haproxy", "made"]) await removeFolder(join(stateFolder, name));
}

async function takeDown(stateFolder: string, thing: RecordedThing): Promise<void> {
  const { paths = [] } = thing;
  switch (thing.kind) {
    case "cgroup":
      await removeControlGroup(paths);
      return forgetContainer(`${thing.sandboxId}-${thing.name}`);
    case "mount":
      for (const path of paths) await unmountBelow(path);
      return;
    case "link":
      return removeLink(thing.name);
    case "address-block":
      return removeBlock(stateFolder, Number(thing.name), thing.sandboxId);
  }
}
