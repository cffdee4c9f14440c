import { publicAddress } from "../../deploy/bake-order.ts";
import type { Check } from "../check.ts";
import { config } from "./settings.ts";

/** That this machine learns the address that AWS sees it at: SSH to a builder is opened to that alone. */
export const publicAddressKnown: Check = {
  name: "public-address",
  needs: [config],
  async look(ground) {
    if (ground.inSandbox) return "not needed in the sandbox";
    if (!(await ground.bakes())) return "not needed: nothing is baked";
    return await publicAddress();
  },
};
