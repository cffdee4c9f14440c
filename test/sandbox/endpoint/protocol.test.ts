import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { PutScalingPolicyCommand } from "@aws-sdk/client-auto-scaling";
import {
  DescribeFpgaImagesCommand,
  DescribeInstancesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DescribeLoadBalancersCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());

/** Sends a call as a form, as the Query protocol has it. */
async function post(service: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const { port } = new URL(aws.url);
  return new Promise<{ status: number; body: string; requestId: string }>((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        method: "POST",
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=a/20250101/ap-southeast-2/${service}/aws4_request, SignedHeaders=host, Signature=x`,
          "content-type": "application/x-www-form-urlencoded; charset=utf-8",
          ...headers,
        },
      },
      (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            body,
            requestId: String(response.headers["x-amzn-requestid"] ?? ""),
          }),
        );
      },
    );
    outgoing.once("error", reject);
    outgoing.end(new URLSearchParams(form).toString());
  });
}

test("EC2's errors have EC2's shape, and the request id is the header's", async () => {
  const answer = await post("ec2", { Action: "DescribeInstances", Version: "2016-11-15", "InstanceId.1": "i-0123" });
  assert.equal(answer.status, 400);
  assert.match(
    answer.body,
    /<Response[^>]*><Errors><Error><Code>InvalidInstanceID\.\w+<\/Code><Message>.*<\/Message><\/Error><\/Errors><RequestID>/,
  );
  assert.ok(answer.requestId && answer.body.includes(answer.requestId));
});

test("the query services' errors have theirs", async () => {
  const answer = await post("autoscaling", {
    Action: "DeleteAutoScalingGroup",
    Version: "2011-01-01",
    AutoScalingGroupName: "none",
  });
  assert.equal(answer.status, 400);
  assert.match(answer.body, /<ErrorResponse[^>]*><Error><Type>Sender<\/Type><Code>ValidationError<\/Code><Message>/);
  assert.match(answer.body, /AutoScalingGroup name not found - AutoScalingGroup &apos;none&apos; not found/);
  assert.ok(answer.body.includes(`<RequestId>${answer.requestId}</RequestId>`));
});

test("an unknown action is a refusal that no SDK retries", async () => {
  await assert.rejects(aws.ec2.send(new DescribeFpgaImagesCommand({})), { name: "InvalidAction" });
  await assert.rejects(
    aws.autoScaling.send(new PutScalingPolicyCommand({ AutoScalingGroupName: "a", PolicyName: "b" })),
    { name: "InvalidAction" },
  );
  const unknown = await post("elasticloadbalancing", { Action: "Nonsense", Version: "2015-12-01" });
  assert.equal(unknown.status, 400);
  assert.match(unknown.body, /<Code>InvalidAction<\/Code>/);
  assert.deepEqual(await aws.boto("answer(refusal(lambda: ec2.describe_fpga_images()))"), [
    "InvalidAction",
    "The action DescribeFpgaImages is not valid for this web service.",
    400,
  ]);
});

test("services that the endpoint adds nothing to pass through", async () => {
  const { Account } = await aws.sts.send(new GetCallerIdentityCommand({}));
  assert.equal(Account, "123456789012");
  const put = await aws.boto(`
ssm = client('ssm')
ssm.put_parameter(Name='/a', Value='b', Type='String')
answer([ssm.get_parameter(Name='/a')['Parameter']['Value'], refusal(lambda: ssm.get_parameter(Name='/none'))[0]])`);
  assert.deepEqual(put, ["b", "ParameterNotFound"]);
});

test("a web page cannot steer the endpoint", async () => {
  const form = { Action: "DescribeInstances", Version: "2016-11-15" };
  assert.equal((await post("ec2", form, { host: "evil.example" })).status, 403);
  assert.equal((await post("ec2", form, { origin: "http://evil.example" })).status, 403);
  // As an image's address has it, which has no origin.
  assert.equal((await post("ec2", form, { "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal((await post("ec2", form)).status, 200);
  const ports = (await readFile(`/proc/${aws.motoPid}/cmdline`, "utf8")).split("\0");
  const moto = `http://127.0.0.1:${ports[ports.indexOf("-p") + 1]}/moto-api/reset`;
  assert.equal((await fetch(moto, { method: "POST", headers: { origin: "http://evil.example" } })).status, 403);
  assert.equal((await fetch(`${aws.url}/moto-api/reset`, { method: "POST" })).status, 400);
  assert.equal((await aws.ec2.send(new DescribeVpcsCommand({}))).Vpcs?.length, 1, "nothing was forgotten");
});

test("a caller's names do not get into the endpoint's own objects, and nobody has it run a container", async () => {
  for (const name of ["__proto__.polluted", "constructor.prototype.polluted", "Filter.__proto__.polluted"])
    await post("autoscaling", { Action: "DescribeAutoScalingGroups", Version: "2011-01-01", [name]: "yes" });
  assert.equal(({} as { polluted?: string }).polluted, undefined);
  const scope = (service: string) => `Credential=a/20250101/ap-southeast-2/${service}/aws4_request`;
  const batch = { Action: "RegisterJobDefinition", Version: "1" };
  assert.match((await post("batch", batch)).body, /InvalidAction/);
  const authorization = `AWS4-HMAC-SHA256 Credential=a/x/ap-southeast-2/batch/aws4_request, ${scope("ec2")}`;
  const hidden = { Action: "DescribeInstances", Version: "2016-11-15" };
  assert.match(
    (await post("ec2", hidden, { authorization })).body,
    /DescribeInstancesResponse/,
    "asked as it is judged",
  );
});

test("another region is refused, not shown empty", async () => {
  const elsewhere = new EC2Client({
    endpoint: aws.url,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  await assert.rejects(elsewhere.send(new DescribeInstancesCommand({})), { name: "AuthFailure" });
  elsewhere.destroy();
});

test("calls are logged with what they were, and can be counted", async () => {
  await aws.control("DELETE", "calls");
  await aws.loadBalancing.send(new DescribeLoadBalancersCommand({}));
  await post("ec2", { Action: "CreateTags", Version: "2016-11-15" });
  const calls = (await aws.control("GET", "calls")) as { service: string; action: string; changing: boolean }[];
  assert.deepEqual(
    calls.map(({ service, action, changing }) => [service, action, changing]),
    [
      ["elasticloadbalancing", "DescribeLoadBalancers", false],
      ["ec2", "CreateTags", true],
    ],
  );
});

test("settings can be changed while it runs, and a wrong one is refused", async () => {
  const before = Date.now();
  await aws.control("POST", "settings", { latencySeconds: 0.2 });
  await aws.ec2.send(new DescribeInstancesCommand({}));
  assert.ok(Date.now() - before >= 200);
  const settings = (await aws.control("POST", "settings", { latencySeconds: 0 })) as { latencySeconds: number };
  assert.equal(settings.latencySeconds, 0);
  const refused = (await aws.control("POST", "settings", { latency: 1 })) as { error: string };
  assert.match(refused.error, /latency/);
});
