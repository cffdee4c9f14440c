import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { listAppFiles } from "../app/files.ts";
import { packagePath } from "../bake/package-root.ts";
import { Failure, sameCommand } from "../failure.ts";

/** A file that is going to be written, by its absolute path. */
export interface NewFile {
  file: string;
  text: string;
  /** Its folder is made where it is not there. */
  inNewFolder?: boolean;
}

/** The files of these that are there already with another text. */
export async function standing(files: readonly NewFile[]): Promise<string[]> {
  const found = await Promise.all(
    files.map(async ({ file, text }) => {
      const old = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) =>
        error.code === "ENOENT" || error.code === "ENOTDIR" ? text : undefined,
      );
      return old === text ? [] : [file];
    }),
  );
  return found.flat();
}

/** Writes each file whole, or none where one cannot be written, of which it throws a `Failure`. */
export async function writeFiles(files: readonly NewFile[]): Promise<void> {
  const written: string[] = [];
  for (const { file, text, inNewFolder } of files) {
    const beside = `${file}.${process.pid}.new`;
    const isNew = !existsSync(file);
    try {
      if (inNewFolder) await mkdir(path.dirname(file), { recursive: true });
      await writeFile(beside, text);
      await rename(beside, file);
      if (isNew) written.push(file);
    } catch (cause) {
      for (const made of [beside, ...written]) await rm(made, { force: true });
      throw new Failure({
        code: "config-not-writable",
        message: `${file} cannot be written.`,
        reason: (cause as Error).message,
        fix: "Name a place in a folder that is there and can be written, with --config FILE.",
        cause,
      });
    }
  }
}

/** What the config says of the starter app. */
export const starter = { module: "tiny_app:app", requirements: "requirements.txt" };

/** The files of the starter app, for a folder. */
export async function starterFiles(folder: string): Promise<NewFile[]> {
  const source = packagePath("templates/app");
  const { files } = await listAppFiles(source, []);
  return await Promise.all(
    files.map(async ({ path: file }) => ({
      file: path.join(folder, file),
      text: await readFile(path.join(source, file), "utf8"),
      inNewFolder: true,
    })),
  );
}

export function fileExists(files: readonly string[]): Failure {
  return new Failure({
    code: "file-exists",
    message: `${files.map((file) => path.relative(process.cwd(), file)).join(", ")} is there already.`,
    reason: "What is there is replaced only when that is said.",
    fix: `Replace it: ${sameCommand} --force\nOr write another file, named by --config FILE.`,
  });
}
