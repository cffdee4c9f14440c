import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  type GetCommandInvocationResult,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import type { Aws } from "../aws/aws.ts";
import { errorCode, waitFor } from "../aws/wait.ts";
import { Failure, sameCommand } from "../failure.ts";
import type { Program } from "./program.ts";

/** What a command came to. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Ssm {
  /** AWS's word on the agent of an instance: `Online`, `ConnectionLost`; undefined where SSM does not know it. */
  agentOf(instanceId: string): Promise<string | undefined>;
  /** Runs a command line as root, and takes it back when the signal aborts. */
  run(instanceId: string, command: string, signal: AbortSignal): Promise<Ran>;
}

/** How much SSM keeps of what a command writes to stdout: its beginning (API reference, GetCommandInvocation). */
export const keptCharacters = 24_000;

/** How long a command may run, in seconds: the default of the document AWS-RunShellScript. */
const runLimit = 3600;

export function openSsm(aws: Aws): Ssm {
  const ssm = aws.client(SSMClient, "ssm");

  async function agentOf(id: string): Promise<string | undefined> {
    const { InstanceInformationList = [] } = await ssm.send(
      new DescribeInstanceInformationCommand({ Filters: [{ Key: "InstanceIds", Values: [id] }] }),
    );
    return InstanceInformationList[0]?.PingStatus;
  }

  async function run(id: string, command: string, signal: AbortSignal): Promise<Ran> {
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [id],
        Parameters: { commands: [command], executionTimeout: [`${runLimit}`] },
      }),
    );
    const CommandId = Command?.CommandId ?? "";
    const look = async () => {
      const found = await ssm
        .send(new GetCommandInvocationCommand({ CommandId, InstanceId: id }))
        .catch((error: unknown) => {
          // For a moment after it was sent SSM does not know it.
          if (errorCode(error) !== "InvocationDoesNotExist") throw error;
          return undefined;
        });
      return isOver(found) ? found : undefined;
    };
    const limits = { limitSeconds: runLimit + 60, signal, pause: { first: 0.2, longest: 3 } };
    try {
      const ended = await waitFor(look, limits);
      if (ended?.Status === "Success" || ended?.Status === "Failed") return readRan(ended);
      throw notRun(id, ended?.StatusDetails ?? "no answer");
    } catch (error) {
      if (signal.aborted) await ssm.send(new CancelCommandCommand({ CommandId })).catch(() => undefined);
      throw error;
    }
  }

  return { agentOf, run };
}

function isOver(found: GetCommandInvocationResult | undefined): boolean {
  return found !== undefined && !["Pending", "InProgress", "Delayed", "Cancelling"].includes(found.Status ?? "");
}

function readRan({
  ResponseCode = 1,
  StandardOutputContent = "",
  StandardErrorContent = "",
}: GetCommandInvocationResult) {
  return { code: ResponseCode, stdout: StandardOutputContent, stderr: StandardErrorContent };
}

function notRun(id: string, why: string): Failure {
  return new Failure({
    code: "command-not-run",
    message: `SSM did not run the command on ${id} to its end.`,
    reason: `Its status is ${why} ("Understanding command statuses", Systems Manager user guide).`,
    fix: `See whether the instance is still there: multivac status\nThen run again: ${sameCommand}`,
  });
}

/** The AWS CLI's session on an instance, which needs its Session Manager plugin. */
export function sessionProgram(
  instanceId: string,
  { region, profile }: { region: string; profile: string | undefined },
): Program {
  const args = ["ssm", "start-session", "--target", instanceId, "--region", region];
  return { file: "aws", args: [...args, ...(profile ? ["--profile", profile] : [])] };
}
