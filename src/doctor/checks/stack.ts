import { madeByOthers } from "../../engine/taken.ts";
import { throwAny } from "../../failure.ts";
import { stackResources } from "../../resources/index.ts";
import { stackKey } from "../../stack.ts";
import type { Check } from "../check.ts";
import { account, stopsDeploy } from "./settings.ts";

/** That the stack can be looked at, and that its names are free or its own. */
export const stack: Check = {
  name: "stack",
  needs: [account],
  async look(ground) {
    const loaded = await ground.loaded();
    const seen = await ground.seen().catch((error) => {
      throwAny(stopsDeploy(error));
      throw error;
    });
    const found = stackResources.map((resource) => ({
      resource,
      ...(seen.get(resource) ?? { owned: [], foreign: [] }),
    }));
    throwAny(
      found.flatMap(({ resource, owned, foreign }) =>
        owned.length === 0 && foreign[0]
          ? madeByOthers(resource.kind, foreign[0].name ?? foreign[0].id, foreign[0].id)
          : [],
      ),
    );
    const count = found.reduce((sum, { owned }) => sum + owned.length, 0);
    const key = stackKey(loaded.config);
    return count === 0 ? `nothing of ${key} is there yet, and its names are free` : `${count} resources of ${key}`;
  },
};
