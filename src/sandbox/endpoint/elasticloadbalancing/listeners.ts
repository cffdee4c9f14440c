import { resultAnswer } from "../answer.ts";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import type { MotoRead } from "../moto-read.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import { elements, text } from "../xml.ts";
import type { Topology } from "./topology.ts";

interface ListenersParts {
  topology: Topology;
  motoRead: MotoRead;
  changed: () => Promise<void>;
}

const service = "elasticloadbalancing";

/** Listeners: one a port, a certificate for HTTPS, and a target group serves one load balancer. */
export function listeners({ topology, motoRead, changed }: ListenersParts): Handler[] {
  function checkAssociations(loadBalancerArn: string | undefined, actions: Parameters[]): void {
    for (const arn of actions.flatMap(targetGroupsOf)) {
      if (topology.loadBalancersOf(arn).some((used) => used !== loadBalancerArn)) {
        throw new AwsError(
          "TargetGroupAssociationLimit",
          `The following target groups cannot be associated with more than one load balancer: ${arn}`,
        );
      }
    }
  }

  const onPort = (loadBalancerArn: string | undefined, port: number | undefined) =>
    topology.listeners().find((one) => one.loadBalancerArn === loadBalancerArn && one.port === port);
  const listenerOf = (arn: string | undefined) => topology.listeners().find((one) => one.arn === arn);

  return [
    {
      service,
      action: "CreateListener",
      async around(call, next) {
        const parameters = parametersOf(call);
        const loadBalancerArn = parameters.text("LoadBalancerArn");
        const actions = parameters.groups("DefaultActions");
        const existing = onPort(loadBalancerArn, parameters.number("Port"));
        if (!existing) return next();
        const sameAction = existing.targetGroupArn === actions.flatMap(targetGroupsOf)[0];
        if (!sameAction || existing.protocol !== parameters.optional("Protocol")) {
          throw new AwsError(
            "DuplicateListener",
            `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
          );
        }
        const shown = await motoRead(service, "DescribeListeners", { "ListenerArns.member.1": existing.arn });
        return resultAnswer(call, { Listeners: shown.Listeners });
      },
      before(call) {
        const parameters = parametersOf(call);
        if (parameters.optional("Protocol") === "HTTPS" && parameters.groups("Certificates").length === 0) {
          throw new AwsError("ValidationError", "A certificate must be specified for HTTPS listeners");
        }
        checkAssociations(parameters.text("LoadBalancerArn"), parameters.groups("DefaultActions"));
      },
      after: changed,
    },
    {
      service,
      action: "ModifyListener",
      before(call) {
        const parameters = parametersOf(call);
        const listener = listenerOf(parameters.text("ListenerArn"));
        const taken = onPort(listener?.loadBalancerArn, parameters.number("Port"));
        if (taken && taken !== listener) {
          throw new AwsError("DuplicateListener", "A listener with the specified port already exists.");
        }
        checkAssociations(listener?.loadBalancerArn, parameters.groups("DefaultActions"));
      },
      after: changed,
    },
    {
      service,
      action: ["CreateRule", "ModifyRule"],
      before(call) {
        const parameters = parametersOf(call);
        const ofRule = parameters.optional("RuleArn")?.replace(":listener-rule/", ":listener/");
        const listener = listenerOf(parameters.optional("ListenerArn") ?? ofRule?.slice(0, ofRule.lastIndexOf("/")));
        checkAssociations(listener?.loadBalancerArn, parameters.groups("Actions"));
      },
      after: changed,
    },
    { service, action: ["DeleteListener", "DeleteRule", "SetRulePriorities"], after: changed },
    {
      service,
      action: "DescribeTargetGroups",
      before(call) {
        const loadBalancerArn = call.form?.get("LoadBalancerArn");
        if (!loadBalancerArn) return;
        call.form?.delete("LoadBalancerArn");
        call.form?.set("_LoadBalancerArn", loadBalancerArn);
      },
      after(call, result) {
        const only = call.form?.get("_LoadBalancerArn");
        const groups = elements(result.TargetGroups);
        for (const group of groups) group.LoadBalancerArns = topology.loadBalancersOf(text(group.TargetGroupArn));
        result.TargetGroups = only
          ? groups.filter((group) => topology.loadBalancersOf(text(group.TargetGroupArn)).includes(only))
          : groups;
      },
    },
  ];
}

function targetGroupsOf(action: Parameters): string[] {
  const forwarded = action
    .group("ForwardConfig")
    ?.groups("TargetGroups")
    .map((group) => group.text("TargetGroupArn"));
  return [...(action.optional("TargetGroupArn") ? [action.text("TargetGroupArn")] : []), ...(forwarded ?? [])];
}
