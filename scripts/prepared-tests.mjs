// The tests as plain JavaScript: to compile each file's modules when they load takes longer than most tests do.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";

/** Makes a copy of this folder in which every TypeScript file has its JavaScript beside it; gives its path. */
export function prepareTests() {
  const folder = path.resolve("node_modules/.multivac-tests");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  // The compiler writes these: through a link, it would write ours.
  const written = ["src", "test", "package.json"];
  for (const name of readdirSync(".")) {
    if (written.includes(name)) cpSync(name, path.join(folder, name), { recursive: true });
    else if (name !== "node_modules" && name !== ".git") symlinkSync(path.resolve(name), path.join(folder, name));
  }
  const emit = ["--noEmit", "false", "--noCheck", "--rootDir", ".", "--outDir", folder, "--inlineSourceMap"];
  const { status } = spawnSync("node_modules/.bin/tsc", emit, { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error("The tests cannot be compiled.");
  return folder;
}
