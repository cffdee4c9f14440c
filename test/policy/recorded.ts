import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { configSchema } from "../../src/config/schema.ts";
import { parts } from "../../src/policy/actions.ts";
import { policyOf } from "../../src/policy/statements.ts";
import { onTheWay } from "../../src/sandbox/endpoint/iam/reference.ts";
import { goodConfig } from "../command-line.ts";

/** Where the sandboxes of a whole run of the suite leave what was called; set by `scripts/test.mjs`. */
const folder = process.env.MULTIVAC_TEST_CALLS;

interface Called {
  agent?: string;
  service: string;
  action: string;
}

/** Keeps what multivac and Packer have called in a sandbox, where a whole run of the suite wants to know. */
export async function recordCalls({ id, endpoint }: { id: string; endpoint: string }): Promise<void> {
  if (!folder) return;
  // One that a test has ended by itself tells nothing.
  const answer = await fetch(`${endpoint}/_multivac/actions`).catch(() => undefined);
  if (!answer?.ok) return;
  const called = ((await answer.json()) as Called[]).filter(({ agent }) => agent);
  const names = called.map(({ service, action }) => `${service}:${action}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${id}-${Date.now()}.json`), JSON.stringify([...new Set(names)]));
}

/** What the suite has called and no policy allows, and what a policy allows and nobody has called: a sentence each. */
export async function comparedWithPolicies(): Promise<string[]> {
  if (!folder) return [];
  const files = await readdir(folder);
  const read = async (file: string) => JSON.parse(await readFile(path.join(folder, file), "utf8")) as string[];
  const called = new Set((await Promise.all(files.map(read))).flat());
  // "No permissions are required to perform this operation" (STS API reference).
  called.delete("sts:GetCallerIdentity");
  // What `ssh` leaves to the AWS CLI and its plugin, which the sandbox has no sessions for.
  for (const action of ["StartSession", "ResumeSession", "TerminateSession"]) called.add(`ssm:${action}`);
  called.add("ssmmessages:OpenDataChannel");
  const needed = new Set([...called].flatMap((action) => [action, ...(onTheWay[action] ?? [])]));
  const allowed = allowedActions();
  return [
    ...[...needed]
      .filter((action) => !allowed.has(action))
      .map((action) => `${action} was called and is in no policy.`),
    ...[...allowed]
      .filter((action) => !needed.has(action))
      .map((action) => `${action} is in a policy, and nobody has called it.`),
  ];
}

/** The actions of every policy, of a config that has all that they can name. */
function allowedActions(): Set<string> {
  const instances = { keyName: "somebody", instanceProfile: "web" };
  const config = configSchema.parse({ ...goodConfig, instances });
  const subject = { stack: config, config, region: "ap-southeast-2", account: undefined, role: "web" };
  const statements = parts.flatMap((part) => policyOf(subject, part).Statement);
  return new Set(statements.flatMap(({ Action }) => Action));
}
