import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Config, configSchema } from "../../src/config/schema.ts";
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
  const given = await readFile(file, "utf8").then(
    (text) => JSON.parse(text) as object,
    () => ({}),
  );
  const stack = { name: option("--name"), environment: option("-e", "--environment") };
  const named = Object.fromEntries(Object.entries(stack).filter(([, value]) => value !== undefined));
  const [config] = [
    { ...given, ...named, network },
    { ...goodConfig, ...named, network },
    { ...goodConfig, network },
  ].flatMap((one) => configSchema.safeParse(one).data ?? []);
  if (!config) throw new Error("the tests' own config is not right");
  config.image.os = "debian-12";
  const role = config.instances.instanceProfile?.split("/").at(-1);
  return parts.map((part) => policyOf({ stack: config, config, ...place, role }, part));
}
