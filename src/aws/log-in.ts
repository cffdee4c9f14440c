import { loadSharedConfigFiles } from "@smithy/core/config";

/** A profile's settings, as the AWS config files name them. */
type Profile = Record<string, string | undefined>;

/**
 * One sentence on how to get new credentials, by how these are found: `profile` is the one that was asked for, without
 * it the environment's. Profiles that take another's credentials are followed to that.
 */
export async function howToLogIn(profile: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  const name = profile ?? env.AWS_PROFILE;
  if (name === undefined && env.AWS_ACCESS_KEY_ID) {
    return "Get new keys and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to them.";
  }
  const profiles = await readProfiles();
  const [found, settings] = source(profiles, name ?? "default");
  if (settings?.sso_session || settings?.sso_start_url) return `Log in with: aws sso login --profile ${found}`;
  if (settings?.login_session) return `Log in with: aws login --profile ${found}`;
  if (settings?.credential_process) return `Log in to what the profile ${found} runs: ${settings.credential_process}`;
  if (settings?.aws_access_key_id) return `Put new keys into the profile ${found}.`;
  if (name !== undefined && !settings)
    return `There is no profile ${found}; choose another, or set it up: aws configure`;
  return "Set AWS_PROFILE or --profile, log in (aws sso login, or aws login), or try without an account: --sandbox.";
}

async function readProfiles(): Promise<Record<string, Profile>> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const names = new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)]);
  return Object.fromEntries([...names].map((name) => [name, { ...configFile[name], ...credentialsFile[name] }]));
}

/** The profile whose own credentials are used in the end. */
function source(
  profiles: Record<string, Profile>,
  name: string,
  seen: readonly string[] = [],
): [string, Profile | undefined] {
  const next = profiles[name]?.source_profile;
  return next === undefined || seen.includes(next) || next === name
    ? [name, profiles[name]]
    : source(profiles, next, [...seen, name]);
}
