import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import type { Aws } from "./aws.ts";
import type { Quota } from "./quotas.ts";
import { orMissing } from "./wait.ts";

/** The value of a quota in the account, or AWS's default where none was applied (Service Quotas API reference, GetServiceQuota). */
export async function quotaValue(aws: Aws, { service, code }: Quota): Promise<number> {
  const client = aws.client(ServiceQuotasClient, "servicequotas");
  const which = { ServiceCode: service, QuotaCode: code };
  try {
    const applied = await orMissing(client.send(new GetServiceQuotaCommand(which)), "NoSuchResourceException");
    const { Quota } = applied ?? (await client.send(new GetAWSDefaultServiceQuotaCommand(which)));
    return Quota?.Value ?? Number.POSITIVE_INFINITY;
  } finally {
    client.destroy();
  }
}
