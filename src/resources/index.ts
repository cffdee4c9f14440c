import type { AnyResource } from "../engine/resource.ts";
import { autoScalingGroup } from "./auto-scaling-group.ts";
import { otherImage } from "./backup.ts";
import { baseImage } from "./base-image.ts";
import { builderImage } from "./builder-image.ts";
import { image } from "./image.ts";
import { instance } from "./instance.ts";
import { keyPair } from "./key-pair.ts";
import { launchTemplate } from "./launch-template.ts";
import { listener } from "./listener.ts";
import { loadBalancer } from "./load-balancer.ts";
import { networkInterface } from "./network-interface.ts";
import {
  otherAutoScalingGroup,
  otherLaunchTemplate,
  otherLoadBalancer,
  otherSecurityGroup,
  otherTargetGroup,
} from "./others.ts";
import { builderSecurityGroup, instanceSecurityGroup, loadBalancerSecurityGroup } from "./security-group.ts";
import { instanceSecurityGroupRules, loadBalancerSecurityGroupRules } from "./security-group-rules.ts";
import { builderSnapshot, snapshot } from "./snapshot.ts";
import { targetGroup } from "./target-group.ts";
import { volume } from "./volume.ts";

/** What a stack is made of: the graph that plan, deploy, status and destroy share. */
export const stackResources: readonly AnyResource[] = [
  image,
  baseImage,
  loadBalancerSecurityGroup,
  instanceSecurityGroup,
  loadBalancerSecurityGroupRules,
  instanceSecurityGroupRules,
  targetGroup,
  loadBalancer,
  listener,
  launchTemplate,
  autoScalingGroup,
];

/** What else a stack can leave behind: made by AWS, by Packer or by hand; only found and deleted. */
export const leavings: readonly AnyResource[] = [
  instance,
  volume,
  networkInterface,
  snapshot,
  keyPair,
  builderSecurityGroup,
  builderImage,
  builderSnapshot,
  otherImage,
  otherAutoScalingGroup,
  otherLoadBalancer,
  otherTargetGroup,
  otherLaunchTemplate,
  otherSecurityGroup,
];

/** Those that only a list of whole kinds finds, by services without a list by tag. */
export const listedOnly: readonly AnyResource[] = [otherAutoScalingGroup, otherLoadBalancer, otherTargetGroup];
