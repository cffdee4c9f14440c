import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Moto } from "./moto.ts";

export interface MotoClients {
  ec2: EC2Client;
  loadBalancing: ElasticLoadBalancingV2Client;
}

/** Clients for the endpoint's own reads and writes of moto; they pass by the endpoint's handlers. */
export function createMotoClients(moto: Moto, region: string): MotoClients {
  const config = {
    endpoint: moto.url,
    region,
    credentials: { accessKeyId: "endpoint", secretAccessKey: "endpoint" },
    maxAttempts: 1,
    requestHandler: { httpAgent: moto.agent, socketAcquisitionWarningTimeout: 3_600_000 },
  };
  return { ec2: new EC2Client(config), loadBalancing: new ElasticLoadBalancingV2Client(config) };
}
