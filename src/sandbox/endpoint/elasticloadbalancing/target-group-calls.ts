import { resultAnswer } from "../answer.ts";
import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import type { MotoRead } from "../moto-read.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import { type Element, elements, text } from "../xml.ts";
import { checkName } from "./names.ts";
import type { TargetGroups } from "./target-groups.ts";
import type { Topology } from "./topology.ts";

interface TargetGroupCallsParts {
  targetGroups: TargetGroups;
  topology: Topology;
  motoRead: MotoRead;
}

const service = "elasticloadbalancing";

/** The settings that a create call may bear, compared when the name is taken. */
const settings = [
  "Protocol",
  "ProtocolVersion",
  "Port",
  "VpcId",
  "TargetType",
  "HealthCheckProtocol",
  "HealthCheckPort",
  "HealthCheckPath",
  "HealthCheckIntervalSeconds",
  "HealthCheckTimeoutSeconds",
  "HealthyThresholdCount",
  "UnhealthyThresholdCount",
] as const;

/** Target groups: idempotent creation, the limits of health checks, and none is deleted that is in use. */
export function targetGroupCalls({ targetGroups, topology, motoRead }: TargetGroupCallsParts): Handler[] {
  return [
    {
      service,
      action: "CreateTargetGroup",
      async around(call, next) {
        const parameters = parametersOf(call);
        const name = parameters.text("Name");
        checkName("target group", name);
        const existing = targetGroups.all().find((group) => group.name === name);
        if (!existing) return next();
        const shown = await motoRead(service, "DescribeTargetGroups", { "TargetGroupArns.member.1": existing.arn });
        const [group = {}] = elements(shown.TargetGroups);
        if (!isSame(group, parameters)) {
          throw new AwsError(
            "DuplicateTargetGroupName",
            `A target group with the same name '${name}' exists, but with different settings`,
          );
        }
        group.LoadBalancerArns = topology.loadBalancersOf(existing.arn);
        return resultAnswer(call, { TargetGroups: [group] });
      },
    },
    {
      service,
      action: ["CreateTargetGroup", "ModifyTargetGroup"],
      before: (call) => checkLimits(parametersOf(call)),
    },
    {
      service,
      action: "DeleteTargetGroup",
      before(call) {
        const arn = parametersOf(call).text("TargetGroupArn");
        if (topology.loadBalancersOf(arn).length > 0) {
          throw new AwsError("ResourceInUse", `Target group '${arn}' is currently in use by a listener or a rule`);
        }
      },
    },
    {
      service,
      action: ["CreateTargetGroup", "ModifyTargetGroup", "ModifyTargetGroupAttributes", "DeleteTargetGroup"],
      after: () => targetGroups.refresh(),
    },
  ];
}

function isSame(group: Element, parameters: Parameters): boolean {
  const matcher = parameters.group("Matcher")?.optional("HttpCode");
  const shownMatcher = (group.Matcher as Element | undefined)?.HttpCode;
  if (matcher !== undefined && matcher !== text(shownMatcher)) return false;
  return settings.every((name) => {
    const wanted = parameters.optional(name);
    return wanted === undefined || wanted === text(group[name]);
  });
}

function checkLimits(parameters: Parameters): void {
  const between = (name: string, what: string, low: number, high: number) => {
    const value = parameters.number(name);
    if (value !== undefined && (value < low || value > high)) {
      throw new AwsError("ValidationError", `${what} '${value}' must be between '${low}' and '${high}'`);
    }
  };
  between("HealthCheckIntervalSeconds", "Health check interval", 5, 300);
  between("HealthCheckTimeoutSeconds", "Health check timeout", 2, 120);
  between("HealthyThresholdCount", "Healthy threshold count", 2, 10);
  between("UnhealthyThresholdCount", "Unhealthy threshold count", 2, 10);
  const path = parameters.optional("HealthCheckPath");
  if (path !== undefined && !path.startsWith("/")) {
    throw new AwsError("ValidationError", `Health check path '${path}' must begin with a '/' character`);
  }
  const codes = parameters.group("Matcher")?.optional("HttpCode")?.split(/[,-]/) ?? [];
  if (codes.some((code) => !/^\d+$/.test(code) || Number(code) < 200 || Number(code) > 499)) {
    throw new AwsError("ValidationError", "Health check matcher HTTP code must be within '200-499'");
  }
}
