import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import type { Command } from "commander";
import { execa } from "execa";
import { program } from "../src/cli/program.ts";
import { goodConfig, packageRoot, temporaryFolder } from "./command-line.ts";

/** What other programs get from `multivac/types`. */

/** Of a format of their own. */
const standalone = ["schema", "policy"];

test("every command's document has a type, which the command is checked against", async () => {
  const leaves = (command: Command, before: string): string[] =>
    command.commands.flatMap((child) => {
      const name = `${before}${child.name()}`;
      return child.commands.length > 0 ? leaves(child, `${name} `) : [name];
    });
  const declared = /export interface Documents \{\n([^}]+)\}/.exec(
    await readFile(path.join(packageRoot, "src/documents.ts"), "utf8"),
  );
  const typed = [...(declared?.[1] ?? "").matchAll(/^ {2}"?([a-z ]+)"?: \w+;$/gm)].map(([, name]) => name);
  const commands = leaves(
    program("0", async () => undefined),
    "",
  ).filter((name) => !standalone.includes(name));
  assert.deepEqual(typed.sort(), commands.sort());
});

test("a program is checked against the types of config and documents, and needs nothing else for it", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(path.join(folder, "node_modules"));
  await symlink(packageRoot, path.join(folder, "node_modules/multivac"));
  const schema = path.join(packageRoot, "src/config/schema.ts");
  await writeFile(
    path.join(folder, "program.mts"),
    `import type { Config, Documents, Override, Printed, StatusDocument } from "multivac/types";

const config: Config = ${JSON.stringify({ ...goodConfig, environments: { prod: { instances: { max: 3 } } } })};
export const alone: Config = { name: "hello", environments: { prod: { network: config.network ?? {} } } };
export const os: NonNullable<Override["image"]>["os"] = "debian-12";
// @ts-expect-error: without environments the network has to be here
export const lacking: Config = { name: "hello" };
// @ts-expect-error: no such key
export const unknown: Config = { ...config, nam: "x" };
// @ts-expect-error: no such key below
export const below: Override = { instances: { mim: 1 } };
// @ts-expect-error: no such system
export const other: Override = { image: { os: "debian-11" } };

declare const printed: Printed<"status">;
if ("state" in printed) {
  const { state, instances }: StatusDocument = printed;
  console.log(state === "healthy", instances[0]?.reason, printed.error?.code);
  // @ts-expect-error: no such state
  console.log(state === "well");
} else {
  console.log(printed.error.code, printed.error.fix);
}
export const deployed = ({ url, timeline }: Documents["deploy"]): string => url + timeline.map(({ end }) => end);
`,
  );
  await writeFile(
    path.join(folder, "same.mts"),
    `import type { Config, Override } from "multivac/types";
import type { fileSchema } from ${JSON.stringify(schema)};

type ConfigFile = (typeof fileSchema)["_zod"]["input"];
declare const ours: ConfigFile;
declare const theirs: Config & Pick<ConfigFile, "app" | "network">;
export const one: Config = ours;
export const other: ConfigFile = theirs;
declare const override: NonNullable<ConfigFile["environments"]>[string];
export const third: Override = override;
`,
  );
  const tsc = path.join(packageRoot, "node_modules/typescript/bin/tsc");
  const strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--types", ""];
  const alone = execa(tsc, [...strict, "program.mts"], { cwd: folder, reject: false });
  const sources = ["--allowImportingTsExtensions", "--skipLibCheck"];
  const same = execa(tsc, [...strict, ...sources, "same.mts"], { cwd: folder, reject: false });
  for (const { exitCode, stdout } of await Promise.all([alone, same])) assert.equal(exitCode, 0, stdout);
});
