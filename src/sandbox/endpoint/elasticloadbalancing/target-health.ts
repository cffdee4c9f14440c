import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import type { Element } from "../xml.ts";
import type { Registration } from "./registration.ts";
import { health, type Target } from "./target.ts";
import type { TargetGroup, TargetGroups } from "./target-groups.ts";

const service = "elasticloadbalancing";

/** `RegisterTargets`, `DeregisterTargets` and `DescribeTargetHealth`: the endpoint's own, moto's targets stay unused. */
export function targetHealth({
  targetGroups,
  registration,
}: {
  targetGroups: TargetGroups;
  registration: Registration;
}): Handler[] {
  return [
    {
      service,
      action: "RegisterTargets",
      instead(call) {
        const parameters = parametersOf(call);
        const { arn } = targetGroups.get(parameters.text("TargetGroupArn"));
        for (const target of parameters.groups("Targets")) {
          registration.register(arn, target.text("Id"), target.number("Port"));
        }
        return {};
      },
    },
    {
      service,
      action: "DeregisterTargets",
      instead(call) {
        const parameters = parametersOf(call);
        const { arn, targets } = targetGroups.get(parameters.text("TargetGroupArn"));
        for (const target of parameters.groups("Targets")) {
          const id = target.text("Id");
          if (![...targets.values()].some((registered) => registered.id === id)) {
            throw new AwsError("InvalidTarget", `The following targets are not registered: '${id}'`);
          }
          void registration.deregister(arn, id, target.number("Port"));
        }
        return {};
      },
    },
    {
      service,
      action: "DescribeTargetHealth",
      instead(call) {
        const parameters = parametersOf(call);
        const group = targetGroups.get(parameters.text("TargetGroupArn"));
        const asked = parameters.groups("Targets");
        const registered = [...group.targets.values()];
        if (asked.length === 0) return described(group, registered);
        return described(
          group,
          asked.flatMap((target) => {
            const id = target.text("Id");
            const port = target.number("Port");
            const found = registered.filter((one) => one.id === id && (port === undefined || one.port === port));
            return found.length > 0 ? found : [unregistered(id, port ?? group.port)];
          }),
        );
      },
    },
  ];
}

function unregistered(id: string, port: number): Target {
  return { id, port, health: health("unused", "Target.NotRegistered"), passed: 0, failed: 0, draining: false };
}

function described({ check }: TargetGroup, targets: Target[]): Element {
  return {
    TargetHealthDescriptions: targets.map(({ id, port, health: { state, reason, description } }) => ({
      Target: { Id: id, Port: port },
      HealthCheckPort: check.port === "traffic-port" ? port : check.port,
      TargetHealth: { State: state, Reason: reason, Description: description },
    })),
  };
}
