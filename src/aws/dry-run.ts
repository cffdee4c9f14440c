import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import { errorCode } from "./wait.ts";

/**
 * Asks EC2 whether it would carry out a command, which it does not: `DryRun` is set here, whatever the command says.
 * Rejects with what AWS says where it would not (EC2 API reference, "Common query parameters").
 */
export async function dryRun({ ec2 }: Aws, command: { input: { DryRun?: boolean | undefined } }): Promise<void> {
  command.input.DryRun = true;
  try {
    await ec2.send(command as Parameters<EC2Client["send"]>[0]);
  } catch (error) {
    if (errorCode(error) !== "DryRunOperation") throw error;
  }
}
