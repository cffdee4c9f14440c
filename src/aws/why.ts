import { type Activity, DescribeScalingActivitiesCommand } from "@aws-sdk/client-auto-scaling";
import { GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";

export interface FailedActivity {
  id: string;
  /** What AWS says of it. */
  text: string;
  /** Whether the group has begun nothing since. */
  isNewest: boolean;
}

/** The failed activities among a group's last 20, newest first, as AWS tells them. */
export async function failedActivities({ autoScaling }: Aws, group: string): Promise<FailedActivity[]> {
  const { Activities = [] } = await autoScaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group, MaxRecords: 20 }),
  );
  return failedAmong(Activities);
}

/**
 * AWS also cancels a launch whose instance ends before it is in service, like one whose disk's key it may not use. Any
 * other that is cancelled was not wanted any more.
 */
const endedAtLaunch = /became unhealthy|Termination Reason/i;

/** Those of a group's activities, newest first, that failed. */
export function failedAmong(activities: readonly Activity[]): FailedActivity[] {
  return activities.flatMap(({ ActivityId: id = "", Description = "", StatusCode, StatusMessage = "" }, index) => {
    const failed = StatusCode === "Failed" || (StatusCode === "Cancelled" && endedAtLaunch.test(StatusMessage));
    return failed ? [{ id, text: StatusMessage || Description, isNewest: index === 0 }] : [];
  });
}

/** The last 64 KB of an instance's console; empty when EC2 has none yet. */
export async function consoleText({ ec2 }: Aws, instanceId: string): Promise<string> {
  const read = async (Latest: boolean) =>
    (await ec2.send(new GetConsoleOutputCommand({ InstanceId: instanceId, Latest }))).Output;
  // Only Nitro types know the latest output; others answer UnsupportedOperation.
  const output = (await read(true).catch(() => read(false))) ?? "";
  return Buffer.from(output, "base64").toString("utf8");
}

/** The last lines of an instance's console; empty when EC2 has none yet. */
export async function consoleTail(aws: Aws, instanceId: string, lines: number): Promise<string[]> {
  return lastWords(await consoleText(aws, instanceId).catch(() => ""), lines);
}

/**
 * The last lines of a console but for a shutdown's: it is read while one goes on, or after it, and what systemd then says
 * of each unit that it ends would be all there is.
 */
export function lastWords(text: string, lines: number): string[] {
  const all = text.split(/\r?\n/).map(plainLine).filter(Boolean);
  const end = all.findIndex((line) => shuttingDown.test(line));
  const before = end < 0 ? all : all.slice(0, end);
  return before.filter((line) => !stopping.test(line)).slice(-lines);
}

/** What systemd writes once it has ended what ran on a machine, and of the units that it ends before that. */
const shuttingDown =
  /Reached target .*(shutdown|power-?off|reboot|umount\.target|Unmount All)|systemd-shutdown|Powering off|Rebooting/i;
const stopping =
  /^\s*(\[\s*OK\s*\]\s*)?(Stopp(ed|ing)|Unmount(ed|ing)|Removed slice|Closed|Deactivat(ed|ing)|Session .* logged out)\b/;

/** A line without terminal control sequences, of 7 bits or 8 (ECMA-48): commands, strings such as a window's title, and the rest. */
export function plainLine(line: string): string {
  return line.replace(controls, "").trimEnd();
}

const controls = new RegExp(
  [
    "(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]",
    "(?:\\u001b[PX\\]^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)",
    "\\u001b[ -/]+[0-~]",
    "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]",
  ].join("|"),
  "g",
);
