import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { STSClient } from "@aws-sdk/client-sts";
import { type Endpoint, startEndpoint } from "../../../src/sandbox/endpoint/index.ts";
import type { Settings } from "../../../src/sandbox/endpoint/settings.ts";

import { python } from "../../boto3.ts";

const region = "ap-southeast-2";
export const baseImageId = "ami-0a1b2c3d4e5f60718";

export interface EndpointUnderTest extends Endpoint {
  ec2: EC2Client;
  autoScaling: AutoScalingClient;
  loadBalancing: ElasticLoadBalancingV2Client;
  sts: STSClient;
  /** Calls one of the endpoint's own paths. */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Runs Python that has boto3 clients `ec2`, `elbv2`, `autoscaling`; what it gives to `answer` comes back. */
  boto(script: string): Promise<unknown>;
}

const prelude = `
from botocore.exceptions import ClientError
ec2, elbv2, autoscaling = client('ec2'), client('elbv2'), client('autoscaling')
def refusal(call):
    try: call()
    except ClientError as error: return [error.response['Error']['Code'], error.response['Error']['Message'], error.response['ResponseMetadata']['HTTPStatusCode']]
`;

/** An endpoint without machines of its own, and clients for it. */
export async function startEndpointUnderTest(settings: Partial<Settings> = {}): Promise<EndpointUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "multivac-endpoint-"));
  const endpoint = await startEndpoint({
    folder,
    motoCommand: process.env.MULTIVAC_TEST_MOTO,
    region,
    account: "123456789012",
    vpcCidr: "198.18.0.0/20",
    subnetCidrs: ["198.18.0.0/21", "198.18.8.0/21"],
    loopbackBlock: `127.${128 + (process.pid % 64)}.${(process.pid >> 6) % 256}.0/24`,
    settings,
    log: (line) => process.env.TEST_LOG && console.error(line),
  });
  const config = {
    endpoint: endpoint.url,
    region,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  };
  const env = {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
  };
  const clients = {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    loadBalancing: new ElasticLoadBalancingV2Client(config),
    sts: new STSClient(config),
  };
  return {
    ...endpoint,
    ...clients,
    async control(method, path, body) {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const answer = await fetch(`${endpoint.url}/_multivac/${path}`, init);
      return answer.json();
    },
    boto(script) {
      return python(env, prelude + script);
    },
    async close() {
      for (const client of Object.values(clients)) client.destroy();
      await endpoint.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
