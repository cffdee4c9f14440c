import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * The licenses of the packages that these modules come from, as their texts ask of whoever passes them on: each text
 * once, below the packages it is of.
 */
export function licensesOf(modules) {
  const folders = new Set(modules.flatMap((module) => packageFolder(module) ?? []));
  const byText = new Map();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)(\.|-|$)/i.test(file));
    const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8").trim());
    const text = texts.join("\n\n") || `${license}`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${[...new Set(names)].join("\n")}\n\n${text}\n`);
  return `multivac's programs contain code of these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** The folder of the package that a module is part of; undefined for our own. */
function packageFolder(module) {
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
  return found && existsSync(path.join(found, "package.json")) ? found : undefined;
}
