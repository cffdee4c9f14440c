import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";

/** One account and region, with a client for each service used. */
export interface Aws {
  region: string;
  /** A custom endpoint (`AWS_ENDPOINT_URL…`), when one is set. */
  endpoint: string | undefined;
  ec2: EC2Client;
  autoScaling: AutoScalingClient;
  elb: ElasticLoadBalancingV2Client;
  /** A client of another service with the same settings; `service` is its name in IAM actions. */
  client<C extends object>(Client: new (settings: object) => C, service: string): C;
}
