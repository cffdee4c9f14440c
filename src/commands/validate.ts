import { loadConfig } from "../config/load.ts";
import type { Outcome } from "../output/document.ts";
import { type Context, shownPath } from "../session.ts";

/** Checks the config and the app it names, without AWS. */
export async function validate({ options, report }: Context): Promise<Outcome> {
  const { config, file, source, warnings } = await loadConfig(options.config ?? "config.json", options);
  for (const text of warnings) report({ type: "warning", text });
  const app = source ? `, ${source.files.length} files of the app` : "";
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
    },
    text: `${shownPath(file)} is valid: ${config.name}-${config.environment}${app}.`,
  };
}
