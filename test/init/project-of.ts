import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { bringUp } from "../../src/init/bring-up.ts";
import { detectApps } from "../../src/init/detect/index.ts";
import { type Project, surveyProject } from "../../src/init/project.ts";
import { temporaryFolder } from "../command-line.ts";

/** A project of these files. */
export async function projectOf(t: TestContext, files: Record<string, string>): Promise<Project> {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return await surveyProject(folder);
}

/** What init makes of these files, with the first app that it finds. */
export async function broughtUp(t: TestContext, files: Record<string, string>) {
  const project = await projectOf(t, files);
  const [best] = detectApps(project);
  if (!best) throw new Error("No app is found.");
  return await bringUp(`${project.root}/config.json`, project, best, {});
}
