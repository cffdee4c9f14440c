import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Failure } from "../failure.ts";
import { readAtMost } from "../read-at-most.ts";
import type { Aws } from "./aws.ts";
import { watchClock } from "./clock.ts";
import { howToLogIn } from "./log-in.ts";
import { markOrigin } from "./origin.ts";
import { retrySettings } from "./retries.ts";
import { markSpans } from "./spans.ts";

export interface Connection {
  aws: Aws;
  /** Who calls, asked for once; rejects when the credentials are not good. */
  caller(): Promise<Caller>;
  /** By how many seconds this machine's clock is ahead of AWS's, once `caller` was answered, be it by a refusal. */
  clockAhead(): number | undefined;
}

export interface Caller {
  /** 12 digits. */
  account: string;
  /** Of the user or role. */
  arn: string;
}

/**
 * Clients for one region. Region and credentials come as the AWS SDK finds them: options given here, then environment,
 * then profile. Throws a `Failure` when no region is told anywhere.
 */
export async function connect(options: {
  region?: string | undefined;
  profile?: string | undefined;
  /** How often a call is sent where the user says nothing. */
  attempts?: number | undefined;
}): Promise<Connection> {
  // The SDK's note that its later versions will not run on Node 20 says nothing about the version installed here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const settings = {
    ...(options.region ? { region: options.region } : {}),
    ...(options.profile ? { profile: options.profile } : {}),
    ...(await retrySettings(options.profile, options.attempts)),
    ...(await network()),
  };
  const logIn = () => howToLogIn(options.profile, process.env);
  const client: Aws["client"] = (Client, service, own = {}) => {
    const made = new Client({ ...settings, ...own });
    markOrigin(made, service, logIn);
    markSpans(made, service);
    return made;
  };
  const ec2 = client(EC2Client, "ec2");
  const region = await ec2.config.region().catch(() => {
    throw new Failure({
      code: "no-region",
      message: "No AWS region is set.",
      reason: "Neither --region, the config, AWS_REGION nor the profile names one.",
      fix: 'Set "region" in the config, or give it for this run: multivac … --region ap-southeast-2',
    });
  });
  const endpoint = await ec2.config.endpoint?.().catch(() => undefined);
  const autoScaling = client(AutoScalingClient, "autoscaling");
  const elb = client(ElasticLoadBalancingV2Client, "elasticloadbalancing");
  const sts = client(STSClient, "sts");

  const custom = process.env.AWS_ENDPOINT_URL_EC2 ?? process.env.AWS_ENDPOINT_URL;
  const shown = endpoint
    ? `${endpoint.protocol}//${endpoint.hostname}${endpoint.port ? `:${endpoint.port}` : ""}`
    : custom;
  const clockAhead = watchClock(sts);
  let asked: Promise<Caller> | undefined;
  const caller = () => {
    asked ??= sts.send(new GetCallerIdentityCommand({})).then(({ Account = "", Arn = "" }) => ({
      account: Account,
      arn: Arn,
    }));
    return asked;
  };
  return { aws: { region, endpoint: shown, ec2, autoScaling, elb, client }, caller, clockAhead };
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
    return await readAtMost(file);
  } catch (cause) {
    throw new Failure({
      code: "ca-bundle-unreadable",
      message: `The file ${file} that AWS_CA_BUNDLE names cannot be read.`,
      reason: (cause as Error).message,
      fix: "Mend the path or unset AWS_CA_BUNDLE.",
    });
  }
}
