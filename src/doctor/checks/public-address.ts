import { publicAddress } from "../../deploy/bake-order.ts";
import type { Check } from "../check.ts";

/** That this machine learns the address that AWS sees it at: SSH to a builder is opened to that alone. */
export const publicAddressKnown: Check = {
  name: "public-address",
  async look(ground) {
    if (!(await ground.bakes())) return "not needed: nothing is baked";
    if (ground.sandbox) return "not needed in the sandbox";
    return await publicAddress();
  },
};
