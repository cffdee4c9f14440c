import assert from "node:assert/strict";
import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CreateSecurityGroupCommand, DescribeSecurityGroupsCommand } from "@aws-sdk/client-ec2";
import { DescribeLoadBalancersCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { EndpointUnderTest } from "./endpoint-under-test.ts";

/** What the endpoint tells of its faults. */
interface Shown {
  error?: string;
  rules: { matched: number; fired: number }[];
  random?: { matched: number; fired: number };
  held: { service: string; action: string; when: string }[];
}

/** Faults put on, and calls that meet them, made short. */
export function faultCalls(aws: EndpointUnderTest) {
  const put = async (body: object) => (await aws.control("POST", "faults", body)) as Shown;

  /** Lists the security groups by a plain request of any tool. */
  function listAs(agent: string): Promise<Response> {
    const scope = "Credential=a/20250101/ap-southeast-2/ec2/aws4_request";
    return fetch(aws.url, {
      method: "POST",
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=x`, "user-agent": agent },
      body: new URLSearchParams({ Action: "DescribeSecurityGroups", Version: "2016-11-15" }),
    });
  }

  return {
    put,
    rules: (...given: object[]) => put({ rules: given }),
    shown: async () => (await aws.control("GET", "faults")) as Shown,
    createGroup: (GroupName: string) =>
      aws.ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: "x", VpcId: aws.network.vpcId })),
    describeGroups: () => aws.ec2.send(new DescribeSecurityGroupsCommand({})),
    describeLoadBalancers: () => aws.loadBalancing.send(new DescribeLoadBalancersCommand({})),
    describeScaling: () => aws.autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
    listAs,
    /** Whether the group is there, seen by a tool that the faults here are not for. */
    async isThere(name: string): Promise<boolean> {
      const answer = await listAs("curl/8.0.0");
      assert.equal(answer.status, 200);
      return (await answer.text()).includes(`<groupName>${name}</groupName>`);
    },
  };
}

/** Name, HTTP status and message of what a call fails with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ name: string; status: number | undefined; message: string }> {
  const error = (await call.then(
    () => assert.fail("it was answered"),
    (failure) => failure,
  )) as Error & { $metadata?: { httpStatusCode?: number }; code?: string };
  return { name: error.code ?? error.name, status: error.$metadata?.httpStatusCode, message: error.message };
}
