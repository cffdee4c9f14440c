import { isDeepStrictEqual } from "node:util";
import type { Instance } from "@aws-sdk/client-auto-scaling";
import type { Aws } from "../aws/aws.ts";
import { watchFailing, watchLaunches, watchUnhealthy } from "../aws/failing.ts";
import { launchFailure } from "../aws/launch-failure.ts";
import { readTargetHealth, type TargetHealth } from "../aws/target-health.ts";
import { waitFor } from "../aws/wait.ts";
import type { Config } from "../config/schema.ts";
import { Failure, sameCommand } from "../failure.ts";
import type { Report } from "../progress.ts";
import { type AutoScalingGroupLive, readGroup } from "../resources/auto-scaling-group-live.ts";
import { type LoadBalancerLive, readLoadBalancer } from "../resources/load-balancer.ts";
import { type Balancer, impaired, isActive } from "./balancer.ts";
import { followRoll } from "./roll.ts";
import { task } from "./task.ts";
import { type BootWatch, learnWarmUp, watchBoots } from "./warm-up.ts";

export interface Site {
  aws: Aws;
  /** How the load balancer checks an instance, and how long a new one has before that counts. */
  healthCheck: Pick<
    Config["loadBalancer"]["healthCheck"],
    "path" | "status" | "intervalSeconds" | "gracePeriodSeconds"
  >;
  report: Report;
  stop: AbortSignal;
  loadBalancer: LoadBalancerLive;
  group: AutoScalingGroupLive;
  targetGroupArn: string;
  /** The targets' health, where nothing has been changed since a look at all of this. */
  seenHealth?: readonly TargetHealth[] | undefined;
  /** Whether this was made beside another load balancer, which serves until this is healthy. */
  beside?: boolean;
  /** False for a sandbox without machines, where nothing can answer. */
  answers: boolean;
}

/**
 * How long AWS may take before a wait ends with "still under way", in seconds; `listed` is for what was just made or
 * changed to be listed so.
 */
const limits = { loadBalancer: 900, instances: 1800, answer: 120, listed: 60 };

/**
 * Returns once the load balancer is active, as many instances as wanted are in service and healthy as targets, and the
 * URL answers with the health check's status, unless no instance is wanted. Throws a `Failure` with the reason when they
 * do not get there.
 */
export async function waitUntilHealthy(site: Site): Promise<void> {
  const seen = isSeenHealthy(site);
  const balancer: Balancer = { status: isActive(site.loadBalancer) ? site.loadBalancer.status : undefined };
  const boots = watchBoots(site.group.madeAt);
  const group = seen ? site.group : await becomeHealthy({ ...site, balancer, active: new AbortController() }, boots);
  if (balancer.status === impaired) site.report({ type: "warning", text: isImpaired });
  const isAsked = site.answers && wantedOf(group) > 0;
  const last = [
    isAsked && task(site, "answer", (progress) => siteAnswers(site, progress)),
    !seen && learnWarmUp(site, group, boots),
  ];
  await Promise.all(last).finally(() => Promise.allSettled(last));
}

/** Whether a look has just found what a wait would wait for. */
function isSeenHealthy({ loadBalancer, group, seenHealth }: Site): boolean {
  if (!seenHealth || !isActive(loadBalancer)) return false;
  const inPlace = group.instances.every((instance) => isInZones(group, instance));
  return inPlace && ready(group, seenHealth).length >= wantedOf(group);
}

const isImpaired =
  "The load balancer is impaired: it sends requests on, but lacks what it needs to grow with them, as AWS says. Its subnets need free addresses, 8 each.";

const activeTask = "load balancer active";

/** Returns the group as it is once all is healthy. */
async function becomeHealthy(site: Watched, boots: BootWatch): Promise<AutoScalingGroupLive> {
  const failed = new AbortController();
  const both = { ...site, stop: AbortSignal.any([site.stop, failed.signal]) };
  const balancing = task(both, activeTask, (progress) => loadBalancerActive(both, progress));
  // A group that this run has made has no roll under way.
  const rolled = site.group.madeAt === undefined ? followRoll(both, boots) : Promise.resolve();
  const serving = rolled.then(() =>
    task(both, "instances healthy", (progress) => instancesHealthy(both, boots, progress), { after: activeTask }),
  );
  // What fails first ends the other wait too.
  for (const wait of [balancing, serving]) wait.catch(() => failed.abort());
  const [, group] = await Promise.all([balancing, serving]).finally(() => Promise.allSettled([balancing, serving]));
  return group;
}

function wantedOf({ desiredCapacity, minSize }: AutoScalingGroupLive): number {
  return Math.max(desiredCapacity, minSize);
}

/**
 * Whether AWS shows what this run has asked of the group: for a while after an update it may answer as before. What it
 * is to launch and how many scaling wants now is others' to change.
 */
function isShown(asked: AutoScalingGroupLive, shown: AutoScalingGroupLive): boolean {
  const fields = ["minSize", "maxSize", "subnetIds"] as const;
  return fields.every((field) => asked[field] === undefined || isDeepStrictEqual(asked[field], shown[field]));
}

/** A site whose targets count only once its load balancer is seen to be active, of which `active` is told. */
type Watched = Site & { balancer: Balancer; active: AbortController };

async function loadBalancerActive(site: Watched, progress: (text: string) => void): Promise<void> {
  const { aws, loadBalancer, balancer, stop } = site;
  if (isActive(balancer)) return;
  let listed = performance.now();
  const look = async () => {
    const status = (await readLoadBalancer(aws, loadBalancer.id))?.status;
    if (status) listed = performance.now();
    else if (performance.now() - listed > limits.listed * 1000) throw balancerGone(loadBalancer.name);
    balancer.status = status;
    progress(status ?? "waiting until AWS lists it");
    if (!isActive(balancer)) return undefined;
    site.active.abort();
    return status;
  };
  const active = await waitFor(look, {
    limitSeconds: limits.loadBalancer,
    signal: stop,
    progress,
    pause: { first: 0.5, longest: 1.5 },
  });
  if (!active) throw stillUnderWay("The load balancer is not active after 15 minutes.");
}

async function instancesHealthy(
  site: Watched,
  boots: BootWatch,
  progress: (text: string) => void,
): Promise<AutoScalingGroupLive> {
  const { aws, targetGroupArn, healthCheck, balancer, stop } = site;
  const { id: name, madeAt } = site.group;
  const failing = watchFailing(healthCheck);
  const unhealthy = watchUnhealthy(aws);
  const failedLaunch = watchLaunches(aws, name, madeAt !== undefined);
  const begin = performance.now();
  let listed = begin;
  let asked: AutoScalingGroupLive | undefined = site.group;
  const look = async () => {
    const [group, targets] = await Promise.all([readGroup(aws, name), readTargetHealth(aws, targetGroupArn)]);
    if (!group) {
      if (performance.now() - listed > limits.listed * 1000) throw groupGone(name);
      progress("waiting until AWS lists the group");
      return undefined;
    }
    listed = performance.now();
    if (isActive(balancer)) boots.see(group, targets);
    else if (balancer.status) boots.pass(group);
    if (asked && (isShown(asked, group) || listed - begin > limits.listed * 1000)) asked = undefined;
    const wanted = Math.max(wantedOf(group), asked ? wantedOf(asked) : 0);
    const healthy = ready(group, targets);
    const [leaving] = group.instances.filter((instance) => !isInZones(group, instance));
    const left = leaving ? `; ${leaving.InstanceId} leaves ${leaving.AvailabilityZone}` : "";
    progress(`${healthy.length} of ${wanted} healthy${firstReason(targets)}${left}`);
    if (healthy.length >= wanted && !leaving && !asked) return group;

    await unhealthy.see(targets);
    const failed = isActive(balancer) ? failing(targets) : undefined;
    if (failed) throw neverHealthy(site, failed, await unhealthy.why(failed, name));
    const placed = group.instances.filter((instance) => isInZones(group, instance));
    const unlaunched = placed.length < wanted && (await failedLaunch());
    if (unlaunched) throw launchFailure(unlaunched);
    return undefined;
  };
  const limitSeconds = limits.instances;
  // No target is checked before the load balancer is active.
  const pause = () => ({ first: 0.25, longest: isActive(balancer) ? 2 : 5 });
  const wake = isActive(balancer) ? undefined : site.active.signal;
  const group = await waitFor(look, { limitSeconds, signal: stop, progress, pause, wake });
  if (!group) throw stillUnderWay("The instances are not healthy after 30 minutes.");
  return group;
}

function groupGone(name: string): Failure {
  return new Failure({
    code: "group-gone",
    message: `The Auto Scaling group ${name} is gone.`,
    reason: "Somebody deleted it while this ran.",
    fix: "Make it again: multivac deploy",
  });
}

function balancerGone(name: string): Failure {
  return new Failure({
    code: "load-balancer-gone",
    message: `The load balancer ${name} is gone.`,
    reason: "Somebody deleted it while this ran.",
    fix: "Make it again: multivac deploy",
  });
}

/** Whether an instance is in one of the group's Availability Zones; in any other it is replaced. */
function isInZones({ availabilityZones }: AutoScalingGroupLive, { AvailabilityZone = "" }: Instance): boolean {
  return availabilityZones.length === 0 || availabilityZones.includes(AvailabilityZone);
}

/** Instances that are in service and healthy as targets. */
function ready(group: AutoScalingGroupLive, targets: readonly TargetHealth[]): string[] {
  const healthy = new Set(targets.filter(({ state }) => state === "healthy").map(({ instanceId }) => instanceId));
  return group.instances
    .filter(({ LifecycleState }) => LifecycleState === "InService")
    .flatMap(({ InstanceId = "" }) => (healthy.has(InstanceId) ? [InstanceId] : []));
}

function firstReason(targets: TargetHealth[]): string {
  const sick = targets.find(({ state, reason }) => state !== "healthy" && reason);
  return sick ? `; ${sick.instanceId} ${sick.state}: ${sick.reason}` : "";
}

function neverHealthy({ beside }: Site, failing: TargetHealth, reason: string): Failure {
  if (beside) {
    return new Failure({
      code: "release-failed",
      message: `${failing.instanceId} never got healthy. What was there before still serves.`,
      reason,
      fix: "Mend the app, the network or the health check, then deploy again: multivac deploy\nTo give the change up, deploy with the config as it was before: what was made for it is removed.",
      exitCode: 4,
    });
  }
  return new Failure({
    code: "never-healthy",
    message: `${failing.instanceId} never got healthy.`,
    reason,
    fix: "Everything is kept for a look: multivac status\nMend the app or the health check, then deploy again: multivac deploy\nOr take it all down: multivac destroy",
  });
}

async function siteAnswers({ loadBalancer, healthCheck, stop }: Site, progress: (text: string) => void): Promise<void> {
  const { path, status } = healthCheck;
  const url = `${siteUrl(loadBalancer.dnsName).replace(/\/$/, "")}${path}`;
  let last = "";
  const look = async () => {
    // Node 20 forgets an AbortSignal.timeout inside an AbortSignal.any when it collects garbage.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new Error("no answer within 10 seconds")), 10_000);
    const asking = fetch(url, { redirect: "manual", signal: AbortSignal.any([stop, late.signal]) });
    last = await asking
      .finally(() => clearTimeout(timer))
      .then(
        async (answer) => {
          await answer.body?.cancel();
          return matches(status, answer.status) ? "ok" : `HTTP ${answer.status}`;
        },
        (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.message,
      );
    if (last !== "ok") progress(last);
    return last === "ok" ? true : undefined;
  };
  if (await waitFor(look, { limitSeconds: limits.answer, signal: stop, pause: { first: 0.1, longest: 2 } })) return;
  throw new Failure({
    code: "no-answer",
    message: `The targets are healthy, but ${url} does not answer with ${status} from here.`,
    reason: `The last answer was: ${last}.`,
    fix: `Check that this machine may reach the load balancer (loadBalancer.allowFrom, DNS, proxies), then run again: ${sameCommand}`,
    exitCode: 3,
  });
}

/** Whether a status is among a matcher's: `200`, `200,302` or `200-299`. */
function matches(matcher: string, status: number): boolean {
  return matcher.split(",").some((part) => {
    const [from = 0, to = from] = part.split("-").map(Number);
    return status >= from && status <= to;
  });
}

/** The site's URL by its load balancer's DNS name. */
export function siteUrl(dnsName: string): string {
  return `http://${dnsName}/`;
}

function stillUnderWay(message: string): Failure {
  return new Failure({
    code: "still-under-way",
    message,
    reason: "AWS goes on with it.",
    fix: `Go on waiting with: ${sameCommand}`,
    exitCode: 3,
  });
}
