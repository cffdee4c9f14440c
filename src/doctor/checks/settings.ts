import { explainAll } from "../../aws/explain.ts";
import { Failure, throwAny } from "../../failure.ts";
import { shownPath, wrongAccount } from "../../session.ts";
import { stackKey } from "../../stack.ts";
import { type Check, NotChecked } from "../check.ts";
import type { DoctorGround } from "../ground.ts";

/** That the config and its app are as they should be. */
export const config: Check = {
  name: "config",
  async look(ground) {
    const { config, file, source, warnings } = await ground.loaded();
    const app = source ? `, ${source.files.length} files of the app` : "";
    const detail = `${shownPath(file)}: ${stackKey(config)}${app}`;
    return warnings.length > 0 ? { state: "warning", detail: [detail, ...warnings].join("\n") } : detail;
  },
};

export const region: Check<DoctorGround> = {
  name: "region",
  async look(ground) {
    const { region, endpoint } = await ground.aws();
    const from = ground.inSandbox ? "the sandbox" : await ground.regionFrom();
    return `${region}, from ${from}${endpoint ? `; endpoint ${endpoint}` : ""}`;
  },
};

/** That AWS accepts the credentials, and whose they are. */
export const credentials: Check = {
  name: "credentials",
  needs: [region],
  async look(ground) {
    try {
      return (await ground.caller()).arn;
    } catch (error) {
      // Without an answer to this nothing else is worth asking.
      throwAny(explainAll(error));
      throw error;
    }
  },
};

export const account: Check = {
  name: "account",
  needs: [config, credentials],
  async look(ground) {
    const [{ account: own }, loaded] = await Promise.all([ground.caller(), ground.loaded()]);
    const wanted = loaded.config.accountId;
    if (ground.inSandbox) return `${own}, the sandbox's own`;
    if (wanted && wanted !== own) throw wrongAccount(own, wanted);
    return wanted ? `${own}, as the config says` : `${own}; the config names none in accountId`;
  },
};

/** In seconds: what an answer takes, and clocks that nobody would call wrong. */
const tolerance = 30;
/** AWS refuses what was signed longer ago, or will be ("Signature Version 4", IAM user guide). */
const refusedAt = 300;

export const clock: Check<DoctorGround> = {
  name: "clock",
  needs: [region],
  async look(ground) {
    await ground.caller().catch(() => undefined);
    const ahead = await ground.clockAhead();
    if (ahead === undefined) throw new NotChecked("there is no answer of AWS to compare with");
    const seconds = Math.round(Math.abs(ahead));
    if (seconds <= tolerance) return `as AWS's, within ${Math.max(seconds, 1)} s`;
    return {
      state: "warning",
      detail: `${seconds} s ${ahead > 0 ? "ahead of" : "behind"} AWS's; at ${refusedAt} s AWS refuses what is signed here`,
      fix: "Set this machine's clock, on systemd by: timedatectl set-ntp true",
    };
  },
};

/** Whether a failure to look is one that a deploy would meet as well. */
export function stopsDeploy(error: unknown): Failure[] {
  return explainAll(error).filter(
    (each) => each instanceof Failure && ["not-allowed", "opt-in-required"].includes(each.code),
  ) as Failure[];
}
