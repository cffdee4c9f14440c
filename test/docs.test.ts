import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { configSchema } from "../src/config/schema.ts";
import { packageRoot } from "./command-line.ts";
import { commandsPage } from "./docs/commands-page.ts";
import { anchorsOf, withAnchors } from "./docs/error-anchors.ts";
import { jsonPage } from "./docs/json-page.ts";
import { linksOf, markdownFiles, placesOf } from "./docs/markdown.ts";
import { documented } from "./errors/documented.ts";

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

test("what of the documentation follows from the source is up to date: npm run docs", async () => {
  assert.equal(await read("docs/commands.md"), commandsPage());
  assert.equal(await read("docs/json.md"), jsonPage());
  assert.equal(await read("docs/errors.md"), withAnchors(await read("docs/errors.md")));
  assert.deepEqual(anchorsOf(await read("docs/errors.md")).sort(), [...documented.keys()].sort());
});

test("every page is in the index, and every link leads somewhere", async () => {
  const pages = (await markdownFiles()).filter((file) => file.startsWith("docs/"));
  const index = linksOf("docs/README.md", await read("docs/README.md"));
  for (const page of pages)
    if (page !== "docs/README.md") assert.ok(index.includes(page), `${page} is not in the index`);
  for (const file of await markdownFiles()) {
    for (const link of linksOf(file, await read(file))) {
      const [target = "", anchor] = link.split("#");
      const text = await read(target);
      if (anchor !== undefined) assert.ok(placesOf(text).includes(anchor), `${file}: there is no ${link}`);
    }
  }
});
