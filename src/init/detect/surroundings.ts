import { below, type Project } from "../project.ts";
import type { Candidate } from "./candidate.ts";

/** What an app's Python source wants of the machine that a machine does not have by itself. */
export function surroundings(project: Project, { folder, serve }: Candidate): string[] {
  if (serve.by === "command" && !serve.python) return [];
  const files = below(project, folder).filter((file) => file.endsWith(".py"));
  const variables = [...new Set(files.flatMap((file) => neededVariables(project, file)))];
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

/** The variables that a file reads by `os.environ["NAME"]`, which fails without them. */
function neededVariables(project: Project, file: string): string[] {
  if (!/\benviron\s*\[/.test(project.text(file))) return [];
  return project.module(file).lines.flatMap(({ tokens }) =>
    tokens.flatMap(({ text }, at) => {
      const [open, name, close, next] = tokens.slice(at + 1, at + 5);
      const reads = text === "environ" && open?.text === "[" && close?.text === "]" && next?.text !== "=";
      return reads && name?.value && name.value !== "PORT" ? [name.value] : [];
    }),
  );
}
