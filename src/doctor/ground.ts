import { connect } from "../aws/connect.ts";
import { loadConfig } from "../config/load.ts";
import { chooseImage, givenImage } from "../deploy/image.ts";
import { lookedAt } from "../deploy/prepare.ts";
import { look } from "../engine/look.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import { type Context, settleIn } from "../session.ts";
import { type Ground, NotChecked } from "./check.ts";

/** What `doctor` looks at: the same as a deploy, but that each part may fail by itself. */
export interface DoctorGround extends Ground {
  /** What names the region. */
  regionFrom(): Promise<string>;
  /** By how many seconds this machine's clock is ahead of AWS's, once the caller was asked for. */
  clockAhead(): Promise<number | undefined>;
}

/** How often a call is sent where the user says nothing: what cannot be checked is to be told soon. */
const attempts = 2;

/** `sandbox` is the one that runs, where --sandbox was given and one does. */
export function doctorGround(
  context: Context,
  env: NodeJS.ProcessEnv,
  sandbox: SandboxRecord | undefined,
): DoctorGround {
  const { options, report, kill } = context;
  const loaded = once(async () => {
    const found = await loadConfig(options.config ?? "config.json", options);
    if (sandbox) settleIn(sandbox, found.config);
    return found;
  });
  const configured = async () => (await loaded().catch(() => undefined))?.config.region;
  const connection = once(async () => {
    if (sandbox) return await connect({ region: sandbox.region, attempts });
    if (options.sandbox) throw new NotChecked("the sandbox is not running", "Start it with: multivac sandbox start");
    return await connect({ region: options.region ?? (await configured()), profile: options.profile, attempts });
  });
  const aws = async () => (await connection()).aws;
  const seen = once(async () => {
    const { config } = await loaded();
    return await look(await aws(), config, lookedAt(config.image.id));
  });
  const wanted = once(async () => {
    const { config, source } = await loaded();
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const choice = {
      aws: await aws(),
      stack: config,
      config,
      source,
      sandbox,
      base: "in use",
      now,
      report,
      kill,
    } as const;
    const { id } = config.image;
    return id ? await givenImage(choice, id, seen()) : await chooseImage(choice, await seen());
  });
  return {
    env,
    inSandbox: options.sandbox === true,
    sandbox,
    loaded,
    aws,
    seen,
    wanted,
    bakes: async () => (await loaded()).source !== undefined,
    caller: async () => (await connection()).caller(),
    clockAhead: async () => (await connection()).clockAhead(),
    async regionFrom() {
      if (options.region) return "--region";
      if (await configured()) return "the config";
      return env.AWS_REGION ? "AWS_REGION" : "the profile";
    },
  };
}

function once<T>(find: () => Promise<T>): () => Promise<T> {
  let finding: Promise<T> | undefined;
  return () => {
    finding ??= find();
    return finding;
  };
}
