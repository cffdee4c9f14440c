import { readFile } from "node:fs/promises";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Failure } from "../failure.ts";
import type { Aws } from "./aws.ts";
import { howToLogIn } from "./log-in.ts";
import { markOrigin } from "./origin.ts";
import { retrySettings } from "./retries.ts";
import { markSpans } from "./spans.ts";

export interface Connection {
  aws: Aws;
  /** The account's 12 digits, asked for once; rejects when the credentials are not good. */
  account(): Promise<string>;
}

/**
 * Clients for one region. Region and credentials come as the AWS SDK finds them: options given here, then environment,
 * then profile. Throws a `Failure` when no region is told anywhere.
 */
export async function connect(options: {
  region?: string | undefined;
  profile?: string | undefined;
}): Promise<Connection> {
  // The SDK's note that its later versions will not run on Node 20 says nothing about the version installed here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const settings = {
    ...(options.region ? { region: options.region } : {}),
    ...(options.profile ? { profile: options.profile } : {}),
    ...(await retrySettings(options.profile)),
    ...(await network()),
  };
  const ec2 = new EC2Client(settings);
  const region = await ec2.config.region().catch(() => {
    throw new Failure({
      code: "no-region",
      message: "No AWS region is set.",
      fix: 'Give --region, "region" in the config, AWS_REGION, or a region in the profile.',
    });
  });
  const endpoint = await ec2.config.endpoint?.().catch(() => undefined);
  const autoScaling = new AutoScalingClient(settings);
  const elb = new ElasticLoadBalancingV2Client(settings);
  const sts = new STSClient(settings);
  const logIn = () => howToLogIn(options.profile, process.env);
  const mark = <C extends object>(client: C, service: string): C => {
    markOrigin(client, service, logIn);
    markSpans(client, service);
    return client;
  };
  const clients = { ec2, autoscaling: autoScaling, elasticloadbalancing: elb, sts };
  for (const [service, client] of Object.entries(clients)) mark(client, service);

  const custom = process.env.AWS_ENDPOINT_URL_EC2 ?? process.env.AWS_ENDPOINT_URL;
  const shown = endpoint
    ? `${endpoint.protocol}//${endpoint.hostname}${endpoint.port ? `:${endpoint.port}` : ""}`
    : custom;
  let asked: Promise<string> | undefined;
  const account = () => {
    asked ??= sts.send(new GetCallerIdentityCommand({})).then(({ Account = "" }) => Account);
    return asked;
  };
  const client: Aws["client"] = (Client, service) => mark(new Client(settings), service);
  return { aws: { region, endpoint: shown, ec2, autoScaling, elb, client }, account };
}

/** In milliseconds: until AWS is connected to, and between two packets of it. Without them the SDK waits for ever. */
const timeouts = { connectionTimeout: 10_000, socketTimeout: 60_000 };

/** What the SDK for JavaScript leaves to its caller: time limits, `AWS_CA_BUNDLE` and proxies from the environment. */
async function network(): Promise<object> {
  const { AWS_CA_BUNDLE: bundle } = process.env;
  const proxied = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"].some(
    (name) => process.env[name],
  );
  if (!bundle && !proxied) return { requestHandler: timeouts };
  const ca = bundle ? await readBundle(bundle) : undefined;
  if (proxied) {
    const { ProxyAgent } = await import("proxy-agent");
    const agent = new ProxyAgent({ keepAlive: true, ...(ca ? { ca } : {}) });
    return { requestHandler: { ...timeouts, httpAgent: agent, httpsAgent: agent } };
  }
  return { requestHandler: { ...timeouts, httpsAgent: { keepAlive: true, ca } } };
}

async function readBundle(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Failure({
      code: "ca-bundle-unreadable",
      message: `The file ${file} that AWS_CA_BUNDLE names cannot be read.`,
      reason: (cause as Error).message,
      fix: "Mend the path or unset AWS_CA_BUNDLE.",
    });
  }
}
