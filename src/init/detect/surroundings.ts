import { below, type Project } from "../project.ts";
import type { Candidate } from "./candidate.ts";
import { neededVariables } from "./variables.ts";

/** What an app's Python source wants of the machine that a machine does not have by itself. */
export function surroundings(project: Project, { folder, serve }: Candidate): string[] {
  if (serve.by === "command" && !serve.python) return [];
  const files = below(project, folder).filter((file) => file.endsWith(".py"));
  const variables = [...new Set(files.flatMap((file) => neededVariables(project, file)))].filter(
    (name) => name !== "PORT",
  );
  const writes = files.find((file) => /\bsqlite|\binstance_path\b/.test(project.text(file)));
  return [
    ...(variables.length > 0
      ? [
          `The source cannot do without ${variables.join(", ")} in its environment: app.env in the config sets what is no secret.`,
        ]
      : []),
    ...(writes
      ? [
          `${writes} keeps data in files. On the machines the app's folder is read-only; /var/lib/app can be written, and is gone with each release.`,
        ]
      : []),
  ];
}
