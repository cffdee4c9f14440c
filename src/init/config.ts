import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { readAppSource } from "../app/source.ts";
import { packagePath } from "../bake/package-root.ts";
import { format } from "../config/place.ts";
import { type Problem, problemLine, schemaProblems } from "../config/problems.ts";
import { ruleProblems } from "../config/rules.ts";
import { type AppConfig, configSchema } from "../config/schema.ts";
import { Failure } from "../failure.ts";
import type { BroughtUp } from "./bring-up.ts";
import type { ChosenNetwork } from "./choose-network.ts";

/** Everything that a config is written from. */
interface Answers extends Pick<BroughtUp, "app" | "os" | "healthPath"> {
  name: string;
  environment: string;
  region: string | undefined;
  /** 12 digits. */
  accountId: string | undefined;
  network: ChosenNetwork;
}

/** The config of these answers: what a person would write, without what is the default anyway. */
export function configOf(
  file: string,
  { name, environment, region, accountId, app, os, network, healthPath }: Answers,
): Record<string, unknown> {
  const { vpcId, subnetIds, instanceType } = network;
  return {
    $schema: schemaFrom(path.dirname(path.resolve(file))),
    name,
    environment,
    ...(region === undefined ? {} : { region }),
    ...(accountId === undefined ? {} : { accountId }),
    app,
    ...(os === undefined ? {} : { image: { os } }),
    network: { vpcId, subnetIds },
    instances: { type: instanceType, min: 1, max: 1 },
    ...(healthPath === undefined ? {} : { loadBalancer: { healthCheck: { path: healthPath } } }),
  };
}

/** Throws a `Failure` with everything that is wrong with a config; `written` are files that are still to be written. */
export async function checkConfig(file: string, config: object, written: readonly string[]): Promise<void> {
  const parsed = configSchema.safeParse(config);
  const problems = [...(parsed.success ? [] : schemaProblems(parsed.error, config)), ...ruleProblems(config)];
  const app = parsed.data?.app;
  if (app && problems.length === 0) problems.push(...(await appProblems(file, app, written)));
  if (problems.length === 0) return;
  throw new Failure({
    code: "config-invalid",
    message: "These answers make no config that could be deployed.",
    reason: problems.map(problemLine).join("\n"),
    fix: "Change what is named; nothing was written. The options are listed by: multivac init --help",
  });
}

async function appProblems(file: string, app: AppConfig, written: readonly string[]): Promise<Problem[]> {
  const place = path.resolve(path.dirname(file), app.path);
  const coming = written.map((each) => path.relative(place, each)).filter((each) => !each.startsWith(".."));
  if (coming.length > 0 && !existsSync(place)) return [];
  const { requirements, ...rest } = app;
  const isComing = requirements !== undefined && coming.includes(path.normalize(requirements));
  const { problems } = await readAppSource(isComing ? rest : app, path.resolve(file));
  const module = app.module?.split(":")[0];
  return problems.filter(({ path: at, got }) => {
    const key = format(at);
    if (key === "app.module" && coming.includes(`${module}.py`)) return false;
    return !(key === "app.path" && got === "none" && coming.length > 0);
  });
}

/**
 * What `$schema` says in a config in this folder: the schema of the package that the project has installed, else that of
 * this program, as a relative path, which every editor resolves from the config.
 */
function schemaFrom(folder: string): string {
  const installed = upFrom(folder)
    .map((each) => path.join(each, "node_modules/multivac/config.schema.json"))
    .find((each) => existsSync(each));
  const schema = installed ?? packagePath("config.schema.json");
  const relative = path.relative(folder, schema);
  if (path.isAbsolute(relative)) return pathToFileURL(schema).href;
  const posix = relative.split(path.sep).join("/");
  return posix.startsWith("../") ? posix : `./${posix}`;
}

function upFrom(folder: string): string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...upFrom(above)];
}
