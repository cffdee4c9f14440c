import { mkdtempSync } from "node:fs";
import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { boto } from "../boto3.ts";
import { commandFile, environment, packageRoot } from "../command-line.ts";
import type { TestSandbox } from "../sandboxes.ts";
import { type Ended, runMeasured } from "./program.ts";

/** One tool that makes the same seven resources: two security groups, launch template, target group, load balancer, listener, Auto Scaling group. */
export interface Tool {
  name: string;
  version: string;
  /** Returns when the load balancer is active and the instance healthy, as far as the tool can tell. */
  deploy(): Promise<Ended>;
  destroy(): Promise<Ended>;
  /** Takes away what the emulator leaves of it, which others would have to look at. Nobody measures this. */
  tidy?(): Promise<void>;
}

interface Multivac extends Tool {
  /** The folder of its config. */
  cwd: string;
  plan(): Promise<Ended>;
}

type Found = { tool: Tool } | { missing: string };

const compared = path.join(packageRoot, "test/bench/compared");

/** Everything that the tools write is in here; whoever measures removes it. */
export const workFolder = mkdtempSync(path.join(tmpdir(), "multivac-bench-"));

export async function folderOf(name: string): Promise<string> {
  return await mkdtemp(path.join(workFolder, `${name}-`));
}

/** The built command, with a config of its own; `changes` are made to it. */
export async function multivacIn(aws: TestSandbox, name: string, changes: object = {}): Promise<Multivac> {
  const cwd = await folderOf(name);
  const { vpcId, subnetIds } = aws;
  const config = {
    name,
    environment: "bench",
    image: { id: aws.baseImageId },
    network: { vpcId, subnetIds },
    ...changes,
  };
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ region: aws.env.AWS_REGION, ...config }));
  const env = environment({ MULTIVAC_SANDBOX: `test-${benchId}` });
  const run = (...args: string[]) =>
    runMeasured([process.execPath, commandFile, ...args, "--sandbox", "--yes", "--json"], { cwd, env });
  const { version } = JSON.parse(await readFile(path.join(packageRoot, "package.json"), "utf8"));
  return {
    cwd,
    name: "multivac",
    version,
    plan: () => run("plan"),
    deploy: () => run("deploy"),
    destroy: () => run("destroy"),
  };
}

/** The sandbox of all of this. */
export const benchId = "bench";

/** Terraform, where it is on PATH and its AWS provider can be had; it is told where as it always is (`TF_CLI_CONFIG_FILE`, `TF_CLI_ARGS_init`). */
export async function findTerraform(aws: TestSandbox): Promise<Found> {
  const cwd = await folderOf("terraform");
  await copyFile(path.join(compared, "main.tf"), path.join(cwd, "main.tf"));
  const variables = { name: "bench-tf", image_id: aws.baseImageId, vpc_id: aws.vpcId, subnet_ids: aws.subnetIds };
  await writeFile(path.join(cwd, "terraform.tfvars.json"), JSON.stringify(variables));
  const env = { ...environment(aws.env), CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
  const options = { cwd, env, extendEnv: false, reject: false } as const;
  const init = await execa("terraform", ["init", "-input=false", "-no-color"], options);
  if (init.failed) return { missing: `Terraform: ${init.code ?? lastLine(init.stderr)}` };
  const { stdout } = await execa("terraform", ["version", "-json"], options);
  const { terraform_version: own, provider_selections: providers } = JSON.parse(stdout);
  const provider = Object.values(providers).join(", ");
  const run = (verb: string) =>
    runMeasured(["terraform", verb, "-auto-approve", "-input=false", "-no-color"], { cwd, env });
  return {
    tool: {
      name: "Terraform",
      version: `${own}, AWS provider ${provider}`,
      deploy: () => run("apply"),
      destroy: () => run("destroy"),
    },
  };
}

/** The AWS CLI's `cloudformation deploy`, where it is on PATH and the endpoint has CloudFormation. */
export async function findCloudFormation(aws: TestSandbox): Promise<Found> {
  const cwd = await folderOf("cloudformation");
  const env = environment(aws.env);
  const cli = await execa("aws", ["--version"], { env, extendEnv: false, reject: false });
  if (cli.failed) return { missing: `AWS CLI: ${cli.code ?? lastLine(cli.stderr)}` };
  const { baseImageId, vpcId, subnetIds } = aws;
  const parameters = { ImageId: baseImageId, VpcId: vpcId, SubnetIds: subnetIds.join(",") };
  const name = "bench-cfn";
  const run = (...args: string[]) =>
    runMeasured(["aws", "cloudformation", ...args, "--stack-name", name], { cwd, env });
  const overrides = Object.entries({ ...parameters, Prefix: name }).map(([key, value]) => `${key}=${value}`);
  const template = path.join(compared, "stack.yaml");
  return {
    tool: {
      name: "CloudFormation",
      version: `by the AWS CLI ${/aws-cli\/(\S+)/.exec(`${cli.stdout}${cli.stderr}`)?.[1] ?? ""}`,
      deploy: () =>
        run(
          "deploy",
          "--template-file",
          template,
          "--no-fail-on-empty-changeset",
          "--parameter-overrides",
          ...overrides,
        ),
      destroy: async () => {
        const asked = await run("delete-stack");
        const gone = await run("wait", "stack-delete-complete");
        return { ...gone, seconds: asked.seconds + gone.seconds };
      },
      async tidy() {
        const { TargetGroups } = await boto(aws.env, "elbv2", "describe_target_groups");
        const left = TargetGroups.filter(({ TargetGroupName = "" }) => TargetGroupName.startsWith(name));
        for (const { TargetGroupArn } of left) await boto(aws.env, "elbv2", "delete_target_group", { TargetGroupArn });
      },
    },
  };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
