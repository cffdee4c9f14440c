import type { Answer } from "../answer.ts";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";

/** Calls that AWS does once for each client token, however often they are repeated. */
const actions = ["RunInstances", "CreateLaunchTemplate", "CreateLaunchTemplateVersion"];

/** Gives a repeated call the answer of the first; one that failed may be tried again. */
export function clientTokens(): Handler & { clear(): void } {
  const done = new Map<string, { parameters: string; answer: Promise<Answer> }>();
  return {
    service: "ec2",
    action: actions,
    clear: () => done.clear(),
    async around(call, next) {
      const token = call.form?.get("ClientToken");
      if (!token || call.form?.get("DryRun") === "true") return next();
      const key = `${call.action} ${token}`;
      const parameters = [...(call.form as URLSearchParams)].map(([name, value]) => `${name}=${value}`).join("&");
      const first = done.get(key);
      if (first && first.parameters !== parameters) {
        throw new AwsError(
          "IdempotentParameterMismatch",
          "The request uses the same client token as a previous, but non-identical request.",
        );
      }
      if (first) return first.answer;
      const answer = next();
      done.set(key, { parameters, answer });
      await answer.then(
        ({ status }) => status >= 300 && done.delete(key),
        () => done.delete(key),
      );
      return answer;
    },
  };
}
