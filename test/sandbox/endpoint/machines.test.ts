import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  AutoScalingClient,
  DescribeInstanceRefreshesCommand,
  StartInstanceRefreshCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateImageCommand,
  CreateLaunchTemplateCommand,
  EC2Client,
  GetConsoleOutputCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  waitUntilLoadBalancerAvailable,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { startSandbox, stopSandbox } from "../../../src/sandbox/client.ts";
import type { SandboxRecord } from "../../../src/sandbox/record.ts";
import { eventually } from "../../eventually.ts";
import { groupCalls } from "./group-under-test.ts";

const id = `test-endpoint-${process.pid}`;
const skip = process.getuid?.() === 0 ? false : "machines need root";

/** A web page from the first boot on, that tells its machine's name. */
const userData = `#!/bin/sh
cat > /usr/local/bin/site <<'END'
import http.server, socket
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(socket.gethostname().encode())
http.server.ThreadingHTTPServer(("", 80), Page).serve_forever()
END
systemd-run --unit=site python3 /usr/local/bin/site
echo the site is served > /dev/console
`;

let sandbox: SandboxRecord;
let calls: ReturnType<typeof groupCalls>;
let url: string;
let TargetGroupArn: string;
let LaunchTemplateId: string;
let ec2: EC2Client;
let autoScaling: AutoScalingClient;
let loadBalancing: ElasticLoadBalancingV2Client;
before(async () => {
  if (skip) return;
  sandbox = await startSandbox({ id, machines: true, report: () => {} });
  const config = {
    endpoint: sandbox.endpoint,
    region: sandbox.region,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  ec2 = new EC2Client(config);
  loadBalancing = new ElasticLoadBalancingV2Client(config);
  autoScaling = new AutoScalingClient(config);
  const aws = {
    ec2,
    autoScaling,
    loadBalancing,
    network: sandbox,
  };
  calls = groupCalls(aws as never, () => LaunchTemplateId);
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "site",
      LaunchTemplateData: {
        ImageId: sandbox.baseImageId,
        InstanceType: process.arch === "arm64" ? "t4g.micro" : "t3.micro",
        UserData: Buffer.from(userData).toString("base64"),
      },
    }),
  );
  LaunchTemplateId = LaunchTemplate?.LaunchTemplateId ?? "";
  const { TargetGroups = [] } = await aws.loadBalancing.send(
    new CreateTargetGroupCommand({
      Name: "site",
      Protocol: "HTTP",
      Port: 80,
      VpcId: sandbox.vpcId,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  );
  TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? "";
  const { LoadBalancers = [] } = await aws.loadBalancing.send(
    new CreateLoadBalancerCommand({ Name: "site", Subnets: [...sandbox.subnetIds] }),
  );
  url = `http://${LoadBalancers[0]?.DNSName}/`;
  await aws.loadBalancing.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
});
after(async () => {
  if (!skip) await stopSandbox(id);
});

test("a group's machine boots, is found healthy by a real check, and answers behind the load balancer", {
  skip,
}, async () => {
  await calls.create("site", {
    TargetGroupARNs: [TargetGroupArn],
    HealthCheckType: "ELB",
    HealthCheckGracePeriod: 60,
    InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
  });
  await eventually(async () => [...(await calls.targetStates(TargetGroupArn)).values()].includes("healthy"), 60);
  await waitUntilLoadBalancerAvailable({ client: loadBalancing, maxWaitTime: 30, minDelay: 1 }, { Names: ["site"] });
  const page = await eventually(async () => {
    const answer = await fetch(url);
    return answer.ok && (await answer.text());
  });
  assert.match(page, /^ip-198-1[89]-/);
  const [instance] = (await calls.describe("site"))?.Instances ?? [];
  const { Output = "" } = await ec2.send(new GetConsoleOutputCommand({ InstanceId: instance?.InstanceId }));
  assert.match(Buffer.from(Output, "base64").toString(), /the site is served/);
});

test("a machine that ends is replaced, and the site answers again", { skip }, async () => {
  const [victim] = (await calls.describe("site"))?.Instances ?? [];
  const before = await (await fetch(url)).text();
  await ec2.send(new StopInstancesCommand({ InstanceIds: [victim?.InstanceId ?? ""] }));
  await eventually(async () => {
    const states = await calls.targetStates(TargetGroupArn);
    return !states.has(victim?.InstanceId) && [...states.values()].includes("healthy");
  }, 60);
  const after = await (await fetch(url)).text();
  assert.match(after, /^ip-198-1[89]-/);
  assert.notEqual(after, before);
  const activities = await calls.activities("site");
  assert.match(activities.map(({ Cause }) => Cause).join("\n"), /unhealthy instance needing to be replaced/);
});

test("while the only machine is replaced no request fails", { skip }, async () => {
  await calls.settled("site", 1);
  let rolling = true;
  const answers: string[] = [];
  const ask = async () => {
    while (rolling) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
      answers.push(answer.ok ? await answer.text() : `${answer.status}`);
    }
  };
  const clients = [ask(), ask(), ask()];
  await autoScaling.send(
    new StartInstanceRefreshCommand({
      AutoScalingGroupName: "site",
      Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 200, InstanceWarmup: 0 },
    }),
  );
  await eventually(async () => {
    const { InstanceRefreshes = [] } = await autoScaling.send(
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: "site" }),
    );
    return InstanceRefreshes[0]?.Status === "Successful";
  }, 60);
  await calls.settled("site", 1);
  rolling = false;
  await Promise.all(clients);
  const machines = new Set(answers);
  assert.equal(machines.size, 2, [...machines].join());
  assert.ok(
    [...machines].every((name) => /^ip-198-1[89]-/.test(name)),
    [...machines].join(),
  );
});

test("an image of a running machine can be made", { skip }, async () => {
  const [instance] = await calls.settled("site", 1);
  const { ImageId } = await ec2.send(new CreateImageCommand({ InstanceId: instance?.InstanceId, Name: "site" }));
  assert.match(ImageId ?? "", /^ami-/);
});
