import { activeMembers, type Group, type Member } from "./group.ts";

/** Which members leave when there are too many: of the fullest zone, the oldest template version, the oldest. */
export function selectForTermination(group: Group, count: number): Member[] {
  const selected: Member[] = [];
  while (selected.length < count) {
    const left = activeMembers(group).filter((member) => !member.protectedFromScaleIn && !selected.includes(member));
    const next = left.sort((a, b) => rank(a, left) - rank(b, left) || age(group, a, b))[0];
    if (!next) break;
    selected.push(next);
  }
  return selected;
}

/** Unhealthy members first, then those of the zone with the most. */
function rank(member: Member, among: Member[]): number {
  if (member.health === "Unhealthy") return -1000;
  return -among.filter(({ availabilityZone }) => availabilityZone === member.availabilityZone).length;
}

function age(group: Group, a: Member, b: Member): number {
  if (group.terminationPolicies.includes("NewestInstance")) return b.launched - a.launched;
  if (group.terminationPolicies.includes("OldestInstance")) return a.launched - b.launched;
  return Number(a.launchTemplate.version) - Number(b.launchTemplate.version) || a.launched - b.launched;
}
