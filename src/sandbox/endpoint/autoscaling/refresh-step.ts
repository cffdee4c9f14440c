import type { Settings } from "../settings.ts";
import { stamp } from "./activity.ts";
import { activeMembers, type Group, type Member } from "./group.ts";
import { type HealthParts, targetStates } from "./health.ts";
import { type LaunchParts, launchMember } from "./launch.ts";
import { activeRefresh, endRefresh, type InstanceRefresh, outdated } from "./refresh.ts";
import { beginRollback } from "./rollback.ts";
import { type TerminateParts, terminateMember } from "./terminate.ts";

export interface RefreshParts extends LaunchParts, TerminateParts, HealthParts {
  settings: Settings;
}

/** Takes the next step of a group's instance refresh; false when there is none that moves instances. */
export function refreshStep(parts: RefreshParts, group: Group, again: () => void): boolean {
  const refresh = activeRefresh(group);
  if (!refresh || group.suspended.has("InstanceRefresh")) return false;
  if (refresh.status === "Pending") refresh.status = "InProgress";
  if (refresh.status === "Cancelling") {
    if (group.launching.length === 0) endRefresh(refresh, "Cancelled", "Cancelled due to user request.");
    return group.launching.length > 0;
  }
  if (refresh.status === "Baking") {
    if (Date.now() >= (refresh.bakedAt ?? 0)) succeed(group, refresh);
    return false;
  }
  const { until = 0, failure } = refresh.stalled ?? {};
  if (Date.now() < until) return true;
  if (failure === undefined) step(parts, group, refresh, again);
  else giveUp(group, refresh, failure || undefined);
  return true;
}

function step(parts: RefreshParts, group: Group, refresh: InstanceRefresh, again: () => void): void {
  const old = outdated(group, refresh);
  const fresh = activeMembers(group).filter((member) => !old.includes(member));
  const ready = fresh.filter((member) => isWarm(parts, group, refresh, member));
  note(group, refresh, old, ready);

  const failed = fresh.filter(({ health }) => health === "Unhealthy");
  for (const member of failed) {
    void terminateMember(parts, group, member, member.unhealthyCause ?? "").done.then(again);
  }
  terminateOld(parts, group, refresh, { old, ready }, again);
  launchFresh(parts, group, refresh, fresh.length - failed.length, again);

  const done = old.length === 0 && ready.length >= group.desiredCapacity && group.launching.length === 0;
  if (done) finish(group, refresh);
  else if (Date.now() - refresh.waitingSince > parts.settings.refreshSeconds * 1000) giveUp(group, refresh);
}

/** Ready for a refresh: in service, healthy as a target, and warmed up. */
function isWarm(parts: HealthParts, group: Group, { preferences }: InstanceRefresh, member: Member): boolean {
  const warmAt = (member.inServiceSince ?? Date.now()) + preferences.instanceWarmup * 1000;
  return isServing(parts, group, member) && Date.now() >= warmAt;
}

function isServing({ targetGroups }: HealthParts, group: Group, member: Member): boolean {
  if (member.lifecycle !== "InService" || member.health === "Unhealthy") return false;
  if (!group.healthCheckType.includes("ELB")) return true;
  return targetStates(targetGroups, group, member).every((state) => state === "healthy" || state === "unused");
}

function note(group: Group, refresh: InstanceRefresh, old: Member[], ready: Member[]): void {
  if (ready.length !== refresh.ready) {
    if (ready.length > refresh.ready) refresh.waitingSince = Date.now();
    refresh.ready = ready.length;
  }
  const replaced = Math.min(ready.length, group.desiredCapacity - Math.min(old.length, group.desiredCapacity));
  const whole = Math.max(refresh.total, 1);
  refresh.percentage = Math.max(refresh.percentage, Math.min(99, Math.floor((replaced * 100) / whole)));
  const [waitedFor] = activeMembers(group).filter((member) => !ready.includes(member) && !old.includes(member));
  if (waitedFor) {
    refresh.statusReason = `Waiting for remaining instances to be available. For example: ${waitedFor.id}`;
  }
}

/** Old members go as far as enough of the group serves without them, those first that do not serve. */
function terminateOld(
  parts: RefreshParts,
  group: Group,
  { preferences }: InstanceRefresh,
  { old, ready }: { old: Member[]; ready: Member[] },
  again: () => void,
): void {
  const { desiredCapacity: desired } = group;
  const { minHealthyPercentage: percentage } = preferences;
  const least = percentage >= 100 ? desired : Math.min(desired - 1, Math.ceil((desired * percentage) / 100));
  const leaving = old.filter(
    (member) => !(member.protectedFromScaleIn && preferences.scaleInProtectedInstances === "Wait"),
  );
  const serving = new Set(old.filter((member) => isServing(parts, group, member)));
  let available = serving.size + ready.length;
  for (const member of leaving.sort((a, b) => Number(serving.has(a)) - Number(serving.has(b)))) {
    if (member.lifecycle === "Pending" || available - (serving.has(member) ? 1 : 0) < least) continue;
    if (serving.has(member)) available -= 1;
    const cause = `At ${stamp()} an instance was taken out of service in response to an instance refresh.`;
    void terminateMember(parts, group, member, cause).done.then(again);
  }
}

/** New members come as far as the group may be larger for the time. */
function launchFresh(
  parts: RefreshParts,
  group: Group,
  { preferences, target }: InstanceRefresh,
  fresh: number,
  again: () => void,
): void {
  if (group.suspended.has("Launch") || Date.now() < group.retryAt) return;
  const { desiredCapacity: desired } = group;
  const { minHealthyPercentage: least, maxHealthyPercentage: percentage } = preferences;
  const most = Math.max(Math.ceil((desired * percentage) / 100), least >= 100 ? desired + 1 : desired);
  const room = most - activeMembers(group).length - group.launching.length;
  const missing = desired - fresh - group.launching.length;
  const cause = `At ${stamp()} an instance was launched in response to an instance refresh.`;
  for (let count = 0; count < Math.min(room, missing); count += 1) {
    void launchMember(parts, group, cause, target).then(again);
  }
}

function finish(group: Group, refresh: InstanceRefresh): void {
  refresh.percentage = 100;
  if (refresh.status === "RollbackInProgress") {
    endRefresh(refresh, "RollbackSuccessful");
  } else if (refresh.preferences.bakeTime > 0) {
    refresh.status = "Baking";
    refresh.bakedAt = Date.now() + refresh.preferences.bakeTime * 1000;
  } else succeed(group, refresh);
}

/** Only now does the group take the new template. */
function succeed(group: Group, refresh: InstanceRefresh): void {
  if (refresh.desired) group.launchTemplate = refresh.desired;
  endRefresh(refresh, "Successful");
}

function giveUp(group: Group, refresh: InstanceRefresh, why?: string): void {
  const usual = `Failed to replace instances: no instance has become ready for too long. ${refresh.statusReason ?? ""}`;
  const reason = why ?? usual;
  if (refresh.status === "RollbackInProgress") endRefresh(refresh, "RollbackFailed", reason.trim());
  else if (refresh.preferences.autoRollback && refresh.desired) beginRollback(group, refresh, reason.trim());
  else endRefresh(refresh, "Failed", reason.trim());
}
