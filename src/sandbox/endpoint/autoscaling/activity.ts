import { randomUUID } from "node:crypto";
import type { Element } from "../xml.ts";

export interface Activity {
  id: string;
  groupName: string;
  groupArn: string;
  description: string;
  cause: string;
  started: Date;
  ended?: Date;
  status: string;
  statusMessage?: string;
  progress: number;
  details: string;
}

/** A time as Auto Scaling writes it into a cause. */
export function stamp(date = new Date()): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Records the beginning of an activity, newest first. */
export function beginActivity(
  group: { name: string; arn: string; activities: Activity[] },
  { description, cause, details }: { description: string; cause: string; details: Record<string, string> },
): Activity {
  const activity: Activity = {
    id: randomUUID(),
    groupName: group.name,
    groupArn: group.arn,
    description,
    cause,
    started: new Date(),
    status: "InProgress",
    progress: 0,
    details: JSON.stringify(details),
  };
  group.activities.unshift(activity);
  return activity;
}

export function endActivity(activity: Activity, status: "Successful" | "Failed" | "Cancelled", message?: string): void {
  activity.status = status;
  activity.progress = 100;
  activity.ended = new Date();
  if (message) activity.statusMessage = message;
}

export function shownActivity(activity: Activity, deleted = false): Element {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    AutoScalingGroupState: deleted ? "Deleted" : undefined,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: activity.started,
    EndTime: activity.ended,
    StatusCode: activity.status,
    StatusMessage: activity.statusMessage,
    Progress: activity.progress,
    Details: activity.details,
  };
}
