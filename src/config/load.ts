import path from "node:path";
import { type AppSource, readAppSource } from "../app/source.ts";
import { check, problemsOfFile } from "./check.ts";
import { checkedEnvironment } from "./checked-name.ts";
import { type Environments, environmentsIn, standsAt } from "./environments.ts";
import { readJson } from "./file.ts";
import { ConfigInvalid } from "./invalid.ts";
import { format } from "./place.ts";
import { type Problem, repeatedProblems } from "./problems.ts";
import type { Config } from "./schema.ts";

/** A config that passed every check that needs no AWS: the file's, with what differs in its environment. */
export interface LoadedConfig {
  /** Absolute path of the file. */
  file: string;
  config: Config;
  /** The app's source; undefined when `image.id` is deployed. */
  source: AppSource | undefined;
  /** What is allowed and yet probably not meant. */
  warnings: string[];
}

interface Choice {
  /** The environment, in place of the file's own. */
  environment?: string | undefined;
}

/**
 * Reads and checks a config file and the app it names.
 * Throws one `Failure` (code `config-invalid`) that lists every problem, also of environments that are not chosen.
 */
export async function loadConfig(file: string, { environment }: Choice = {}): Promise<LoadedConfig> {
  const checked = await readChecked(file, environment);
  const [loaded] = await withSources(checked, [checked.config]);
  return loaded;
}

/** The same of every environment that could be chosen: first of the one that is, then of the others. */
export async function loadEveryConfig(
  file: string,
  { environment }: Choice = {},
): Promise<[LoadedConfig, ...LoadedConfig[]]> {
  const checked = await readChecked(file, environment);
  const others = [...checked.configs.values()].filter((config) => config !== checked.config);
  return await withSources(checked, [checked.config, ...others]);
}

interface CheckedFile {
  file: string;
  document: unknown;
  environments: Environments;
  /** Of the environment that is chosen. */
  config: Config;
  configs: ReadonlyMap<string, Config>;
}

async function readChecked(file: string, environment: string | undefined): Promise<CheckedFile> {
  const { document, repeated } = await readJson(file);
  const environments = environmentsIn(file, document, checkedEnvironment(environment));
  const { configs, problems: found } = check(document, environments);
  const problems = [...repeatedProblems(repeated), ...found, ...unnamable(environments)];
  const config = configs.get(environments.chosen);
  if (!config || problems.length > 0) throw new ConfigInvalid(file, problems, [...configs.keys()]);
  return { file, document, environments, config, configs };
}

/** The schema passes over this name (zod does not copy it into its result). */
function unnamable({ overridden }: Environments): Problem[] {
  const name = "__proto__";
  if (!overridden.includes(name)) return [];
  return [{ path: ["environments", name], expected: "another name", got: `"${name}"` }];
}

async function withSources(
  { file, document, environments }: CheckedFile,
  [chosen, ...others]: readonly [Config, ...Config[]],
): Promise<[LoadedConfig, ...LoadedConfig[]]> {
  const absolute = path.resolve(file);
  const each = new Map<string, Problem[]>();
  const load = async (config: Config): Promise<LoadedConfig> => {
    const { app, environment, image } = config;
    if (!app || image.id) return { file: absolute, config, source: undefined, warnings: [] };
    const { source, problems, warnings } = await readAppSource(app, absolute);
    each.set(environment, problems);
    const ofEnv = secretWarnings(document, environment, app.env);
    return { file: absolute, config, source, warnings: [...ofEnv, ...warnings] };
  };
  const loaded = await Promise.all([load(chosen), ...others.map(load)]);
  const problems = problemsOfFile(document, environments, each);
  if (problems.length > 0) throw new ConfigInvalid(file, problems);
  return loaded;
}

function secretWarnings(document: unknown, environment: string, env: Record<string, string>): string[] {
  return Object.keys(env)
    .filter((name) => /(secret|passw(or)?d|token|credential|private_?key|api_?key)/i.test(name))
    .map((name) => {
      const place = format(standsAt(document, environment, ["app", "env", name]) ?? []);
      return `${place} looks like a secret. Values of app.env can be read in the launch template by everybody who may look at it.`;
    });
}
