import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { Argument, Option } from "commander";
import { valueAt } from "../config/place.ts";
import type { CommonOptions } from "../session.ts";
import type { Question } from "./live.ts";
import { remembered } from "./remembered.ts";

export interface Candidate {
  value: string;
  /** What it is, in a few words; may be empty. */
  about: string;
}

/** The options that have been given, by the names that commands have for them. */
type Given = Readonly<Record<string, string | true>>;

type Source = (given: Given) => Promise<readonly Candidate[] | "files">;

/** Where the values of an option or argument come from: told by its name, or by what its help calls the value. */
export function source(of: Option | Argument): Source | undefined {
  const name = "attributeName" in of ? of.attributeName() : of.name();
  const value = "flags" in of ? /[<[]([^>\]]+)[>\]]/.exec(of.flags)?.[1] : undefined;
  return sources[name] ?? sources[value ?? ""];
}

const files: Source = async () => "files";

/** What only AWS tells, asked once for a burst of keys. */
async function live(what: Question, given: Given): Promise<Candidate[]> {
  const { config, name, environment, region, profile, sandbox } = given as CommonOptions;
  const options = { config, name, environment, region, profile, sandbox } as CommonOptions;
  const surroundings = Object.entries(process.env).filter(([key]) => /^(AWS_|MULTIVAC_)/.test(key));
  return await remembered([what, options, process.cwd(), surroundings], async () => {
    const { askAws } = await import("./live.ts");
    return await askAws(what, options);
  });
}

const sources: Readonly<Record<string, Source>> = {
  file: files,
  folder: files,
  profile: profiles,
  region: async () => (await import("./regions.ts")).regions,
  environment: environments,
  name: (given) => live("names", given),
  release: (given) => live("releases", given),
  ami: (given) => live("images", given),
  instance: (given) => live("instances", given),
};

/** Those of the config; where it has none, or none is asked, those in which the stack is deployed. */
async function environments(given: Given): Promise<readonly Candidate[]> {
  if (given.name !== undefined) return await live("environments", given);
  const text = await readFile(typeof given.config === "string" ? given.config : "config.json", "utf8");
  const document: unknown = JSON.parse(text);
  const own = { value: String(valueAt(document, ["environment"]) ?? "dev"), about: "the config's own" };
  const others = valueAt(document, ["environments"]);
  if (typeof others === "object" && others !== null) {
    const names = Object.keys(others).filter((name) => name !== own.value);
    return [own, ...names.map((value) => ({ value, about: "" }))];
  }
  const name = valueAt(document, ["name"]);
  const deployed = typeof name === "string" ? await live("environments", { ...given, name }) : [];
  return [own, ...deployed.filter(({ value }) => value !== own.value)];
}

/** The names in the AWS config files ("Configuration and credential file settings", AWS CLI user guide). */
async function profiles(): Promise<Candidate[]> {
  const { AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE } = process.env;
  const folder = path.join(homedir(), ".aws");
  const read = (file: string) => readFile(file, "utf8").catch(() => "");
  const [config, credentials] = await Promise.all([
    read(AWS_CONFIG_FILE || path.join(folder, "config")),
    read(AWS_SHARED_CREDENTIALS_FILE || path.join(folder, "credentials")),
  ]);
  const found = [
    ...config.matchAll(/^\s*\[\s*(?:profile\s+([^\]]+?)|(default))\s*\]/gm),
    ...credentials.matchAll(/^\s*\[\s*([^\]]+?)\s*\]/gm),
  ];
  const names = found.map(([, name, standard]) => (name ?? standard ?? "").replace(/^(["'])(.*)\1$/, "$2"));
  return [...new Set(names)].map((value) => ({ value, about: "" }));
}
