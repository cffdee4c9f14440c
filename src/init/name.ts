import { parse } from "smol-toml";
import { configSchema } from "../config/schema.ts";
import type { Project } from "./project.ts";

/** A name for the stack: the first of these that can be made one, pyproject's, the folder's, else `app`. */
export function proposedName(project: Project): string {
  const folder = project.root.split(/[\\/]/).at(-1) ?? "";
  const made = [pyprojectName(project.text("pyproject.toml")), folder].map(asName);
  return made.find((name) => wrongName(name) === undefined) ?? "app";
}

/** What is wrong with a stack's name; undefined for a good one. */
export function wrongName(name: string): string | undefined {
  const { error } = configSchema.shape.name.safeParse(name);
  return error && `It must be ${error.issues[0]?.message}`;
}

function asName(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 16)
    .replace(/-$/, "");
}

function pyprojectName(text: string): string {
  try {
    const { project, tool } = parse(text) as { project?: { name?: string }; tool?: { poetry?: { name?: string } } };
    return project?.name ?? tool?.poetry?.name ?? "";
  } catch {
    return "";
  }
}
