import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";

/** Milliseconds for which an answer is good. */
const fresh = 10_000;

/**
 * The answer to the same question a few seconds ago, in whichever process; else what `ask` says now. Answers lie in the
 * user's cache, for nobody else to read; where they cannot, each is asked for.
 */
export async function remembered<T>(question: unknown, ask: () => Promise<T>): Promise<T> {
  const folder = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "multivac", "completion");
  const name = createHash("sha256").update(JSON.stringify(question)).digest("hex");
  const file = path.join(folder, name);
  if (await isFresh(file)) {
    const known = await readFile(file, "utf8").catch(() => undefined);
    if (known !== undefined) return JSON.parse(known);
  }
  const answer = await ask();
  await keep(folder, name, JSON.stringify(answer)).catch(() => undefined);
  return answer;
}

async function keep(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const old = (await readdir(folder)).map((each) => path.join(folder, each));
  await Promise.all(old.map(async (file) => (await isFresh(file)) || rm(file, { force: true })));
  const draft = path.join(folder, `${name}.${process.pid}`);
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path.join(folder, name));
}

async function isFresh(file: string): Promise<boolean> {
  const { mtimeMs = 0 } = (await stat(file).catch(() => undefined)) ?? {};
  return Math.abs(Date.now() - mtimeMs) < fresh;
}
