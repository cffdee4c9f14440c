import { readFile } from "node:fs/promises";
import path from "node:path";
import { repositoryOf } from "../app/git.ts";
import { partitionOf } from "../aws/partition.ts";
import { packagePath } from "../bake/package-root.ts";
import { quoted } from "../quoted.ts";
import type { NewFile } from "./write.ts";

/** What the workflows are made for. */
export interface Pipeline {
  /** The config's absolute path. */
  config: string;
  /** Undefined where nobody has said. */
  region: string | undefined;
  /** Where the default branch goes. */
  environment: string;
  /** Those that the config has besides, of which tags go to one for production. */
  environments: readonly string[];
  /** 12 digits; undefined where nobody has said. */
  account: string | undefined;
}

/** What is there to be done by hand, and by whose files. */
export interface Workflows {
  files: NewFile[];
  /** Lines for a person. */
  notes: string[];
}

const unknownAccount = "ACCOUNT_ID";
const unknownRegion = "REGION";

/**
 * The workflows for GitHub Actions, below the repository's root, and the trust policies of the roles that they take by
 * OpenID Connect ("Configuring OpenID Connect in Amazon Web Services", GitHub's docs): the one for planning may be taken by
 * every run of the repository, the one that deploys an environment only by jobs of that GitHub environment. Without git the
 * config's folder is the root, and the repository's name is left to be filled in.
 */
export async function githubWorkflows(pipeline: Pipeline): Promise<Workflows> {
  const { config, region = unknownRegion, environment, environments, account = unknownAccount } = pipeline;
  const folder = path.dirname(config);
  const { root = folder, name: repository = "OWNER/REPOSITORY", branch = "main" } = await repositoryOf(folder);
  const production = environments.find((one) => /^prod/.test(one)) ?? "prod";
  const values: Record<string, string> = {
    CONFIG: quoted(path.relative(root, config).split(path.sep).join("/")),
    REGION: region,
    // YAML takes a string as JSON writes it.
    BRANCH: JSON.stringify(branch),
    MAIN: environment,
    PRODUCTION: production,
  };
  const fill = (text: string) => text.replaceAll(/__([A-Z]+)__/g, (whole, key: string) => values[key] ?? whole);
  const written = (place: string, text: string): NewFile => ({ file: path.join(root, place), text, inNewFolder: true });
  const workflow = async (name: string) =>
    written(`.github/workflows/${name}`, fill(await readFile(packagePath(`templates/github/${name}`), "utf8")));
  const trust = (role: string, runs: string) => {
    const policy = trustPolicy(partitionOf(region), account, `repo:${repository}:${runs}`);
    return written(`.github/multivac/trust-${role}.json`, `${JSON.stringify(policy, null, 2)}\n`);
  };
  const deployed = [...new Set([environment, production])];
  return {
    files: [
      await workflow("multivac-plan.yml"),
      await workflow("multivac-deploy.yml"),
      trust("plan", "*"),
      ...deployed.map((one) => trust(`deploy-${one}`, `environment:${one}`)),
    ],
    notes: [
      ...(account === unknownAccount
        ? ["Put your account's 12 digits in place of ACCOUNT_ID in .github/multivac."]
        : []),
      ...(region === unknownRegion ? ["Put your region in place of REGION in .github/workflows."] : []),
      ...(repository === "OWNER/REPOSITORY"
        ? ["Put your repository's name in place of OWNER/REPOSITORY in .github/multivac: git tells none."]
        : []),
      ...(branch === "main" ? [] : [`The workflows take ${branch} for the repository's default branch.`]),
      "The roles, the approval and the variables that the workflows go by are made once: docs/pipelines.md says how.",
    ],
  };
}

function trustPolicy(partition: string, account: string, subject: string): object {
  const issuer = "token.actions.githubusercontent.com";
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:${partition}:iam::${account}:oidc-provider/${issuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { [`${issuer}:aud`]: "sts.amazonaws.com" },
          StringLike: { [`${issuer}:sub`]: subject },
        },
      },
    ],
  };
}
