import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { configSchema } from "../src/config/schema.ts";
import { packageRoot } from "./command-line.ts";

const read = (file: string) => readFile(path.join(packageRoot, file), "utf8");

test("every code that a failure can have is in docs/errors.md, and none that does not exist", async () => {
  const files = (await readdir(path.join(packageRoot, "src"), { recursive: true })).filter((name) =>
    name.endsWith(".ts"),
  );
  const sources = await Promise.all(files.map((name) => read(path.join("src", name))));
  const endpoint = (name: string) => name.startsWith("sandbox/endpoint/");
  const codes = new Set(
    sources.flatMap((text, index) =>
      endpoint(files[index] ?? "") && !text.includes("Failure")
        ? []
        : [...text.matchAll(/code: "([a-z]+(?:-[a-z]+)+|bug|throttled|interrupted)"/g)].map(([, code = ""]) => code),
    ),
  );
  for (const [, code = ""] of sources.join("\n").matchAll(/\? "(aws-[a-z]+)" : "(aws-[a-z]+)"/g)) codes.add(code);
  const documented = new Set(
    [...(await read("docs/errors.md")).matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, code]) => code),
  );
  assert.deepEqual(
    [...codes].filter((code) => !documented.has(code)),
    [],
  );
  assert.ok(codes.size > 40, `${codes.size} codes were found`);
});

test("every key of the config is in docs/config.md", async () => {
  const text = await read("docs/config.md");
  for (const key of Object.keys(configSchema.shape)) if (key !== "$schema") assert.ok(text.includes(`\`${key}`), key);
});

test("links between documents lead somewhere", async () => {
  for (const file of [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/sandbox.md",
    "docs/errors.md",
    "docs/config.md",
    "docs/destroy.md",
    "docs/logs.md",
    "docs/benchmark.md",
  ]) {
    const links = [...(await read(file)).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = ""]) => link);
    for (const link of links) await readFile(path.join(packageRoot, path.dirname(file), link));
  }
});
