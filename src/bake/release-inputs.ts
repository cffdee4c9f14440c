import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { packagePath } from "./package-root.ts";

/** A file of this package that shapes the image. */
export interface ReleaseInput {
  /** Relative to the package, with forward slashes. */
  path: string;
  content: Buffer;
}

/** What shapes only the app's own layer of an image. */
const ofApp = new Set(["ansible/app.yml", "ansible/roles/app/tasks/main.yml", "templates/app.service.j2"]);

/** Whether a file shapes what the app stands on too. */
export function shapesBase({ path: file }: ReleaseInput): boolean {
  return !ofApp.has(file);
}

/** Everything of this package that goes into an image, sorted; where any of it differs, so does the release. */
export async function releaseInputs(): Promise<ReleaseInput[]> {
  const files = ["packer/app.pkr.hcl", "packer/since-1.7.hcl", "templates/app.service.j2"];
  for (const name of await readdir(packagePath("ansible"), { recursive: true })) {
    // Tools and editors leave folders and files of their own, with names that start with a dot.
    if (name.split(path.sep).some((part) => part.startsWith("."))) continue;
    const file = path.posix.join("ansible", name.split(path.sep).join("/"));
    if ((await stat(packagePath(file))).isFile()) files.push(file);
  }
  return Promise.all(files.sort().map(async (file) => ({ path: file, content: await readFile(packagePath(file)) })));
}
