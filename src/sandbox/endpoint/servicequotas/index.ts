import { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";
import type { Handler } from "../handler.ts";
import type { Settings } from "../settings.ts";

/** Quotas that the sandbox knows, with AWS's own defaults ("Service quotas" in each service's user guide). */
const quotas: readonly { service: string; code: string; name: string; value: number }[] = [
  {
    service: "ec2",
    code: "L-1216C47A",
    name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances",
    value: 32,
  },
  { service: "vpc", code: "L-E79EC296", name: "VPC security groups per Region", value: 2500 },
  { service: "vpc", code: "L-0EA8095F", name: "Inbound or outbound rules per security group", value: 60 },
  {
    service: "elasticloadbalancing",
    code: "L-53DA6B97",
    name: "Application Load Balancers per Region",
    value: 50,
  },
  { service: "elasticloadbalancing", code: "L-B22855CB", name: "Target Groups per Region", value: 3000 },
  { service: "autoscaling", code: "L-CDE20ADC", name: "Auto Scaling groups per region", value: 500 },
];

/** Service Quotas, of which moto knows one service. A value in the settings is what was applied for the account. */
export function serviceQuotas({ settings, region, account }: { settings: Settings; region: string; account: string }) {
  const answer = (call: Call, valueIn: (quota: (typeof quotas)[number]) => number) => {
    const { ServiceCode, QuotaCode } = JSON.parse(call.body.toString("utf8"));
    const quota = quotas.find(({ service, code }) => service === ServiceCode && code === QuotaCode);
    if (!quota) {
      throw new AwsError("NoSuchResourceException", "The request failed because the specified service does not exist.");
    }
    return {
      Quota: {
        ServiceCode: quota.service,
        QuotaArn: `arn:aws:servicequotas:${region}:${account}:${quota.service}/${quota.code}`,
        QuotaCode: quota.code,
        QuotaName: quota.name,
        Value: valueIn(quota),
        Adjustable: true,
        GlobalQuota: false,
      },
    };
  };
  const handlers: Handler[] = [
    {
      service: "servicequotas",
      action: "GetServiceQuota",
      instead: (call) => answer(call, ({ code, value }) => settings.quotas[code] ?? value),
    },
    {
      service: "servicequotas",
      action: "GetAWSDefaultServiceQuota",
      instead: (call) => answer(call, ({ value }) => value),
    },
  ];
  return handlers;
}
