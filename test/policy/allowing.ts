import { readFile } from "node:fs/promises";
import path from "node:path";
import { check } from "../../src/config/check.ts";
import { environmentsIn } from "../../src/config/environments.ts";
import type { Config } from "../../src/config/schema.ts";
import { parts } from "../../src/policy/actions.ts";
import type { PolicyDocument } from "../../src/policy/document.ts";
import { policyOf } from "../../src/policy/statements.ts";
import { goodConfig, packageRoot } from "../command-line.ts";

/** The account and region of every sandbox. */
const place = { region: "ap-southeast-2", account: "123456789012" };

/**
 * The policies of the stack that a command line in a folder is about, as `multivac policy --sandbox` prints them there;
 * those of `goodConfig` where there is no config, or none that is right.
 */
export async function policiesFor(
  args: readonly string[],
  { cwd = packageRoot, network }: { cwd?: string | undefined; network: Config["network"] },
): Promise<PolicyDocument[]> {
  const option = (...names: string[]) => args[args.findIndex((arg) => names.includes(arg)) + 1 || args.length];
  const file = path.resolve(cwd, option("-c", "--config") ?? "config.json");
  const text = await readFile(file, "utf8").catch(() => "{}");
  const name = option("--name");
  const config = configOf(file, text, option("-e", "--environment"), name ? { name, network } : { network });
  config.image.os = "debian-12";
  const role = config.instances.instanceProfile?.split("/").at(-1);
  return parts.map((part) => policyOf({ stack: config, config, ...place, role }, part));
}

/** What a config's text says for an environment; where that is not right, the tests' own config. */
function configOf(file: string, text: string, environment: string | undefined, more: object): Config {
  const own = { ...goodConfig, ...(environment ? { environment } : {}) };
  const tries = [
    [text, environment],
    [JSON.stringify(own), environment],
    [JSON.stringify(goodConfig), undefined],
  ] as const;
  for (const [given, wanted] of tries) {
    try {
      const document = { ...JSON.parse(given), ...more };
      const environments = environmentsIn(file, document, wanted);
      const config = check(document, environments).configs.get(environments.chosen);
      if (config) return config;
    } catch {}
  }
  throw new Error("the tests' own config is not right");
}
