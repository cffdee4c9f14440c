import { loadEveryConfig } from "../config/load.ts";
import type { ValidateDocument } from "../documents.ts";
import type { Outcome } from "../output/document.ts";
import { type Context, shownPath } from "../session.ts";
import { stackKey } from "../stack.ts";

/** Checks the config, also of environments that are not chosen, and the app it names, without AWS. */
export async function validate({ options, report }: Context): Promise<Outcome<ValidateDocument>> {
  const [chosen, ...others] = await loadEveryConfig(options.config ?? "config.json", options);
  const { config, file, source } = chosen;
  const warnings = [...new Set([chosen, ...others].flatMap((each) => each.warnings))];
  for (const text of warnings) report({ type: "warning", text });
  const app = source ? `, ${source.files.length} files of the app` : "";
  const also = others.map((each) => stackKey(each.config));
  return {
    exitCode: 0,
    document: {
      stack: {
        name: config.name,
        environment: config.environment,
        region: config.region ?? null,
        account: config.accountId ?? null,
      },
      valid: true,
      files: source?.files.length ?? 0,
      warnings,
      environments: [chosen, ...others].map((each) => each.config.environment),
    },
    text: `${shownPath(file)} is valid: ${stackKey(config)}${app}${also.length > 0 ? `; also ${also.join(", ")}` : ""}.`,
  };
}
