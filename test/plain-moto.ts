import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { TestContext } from "node:test";
import { boto, motoServer } from "./boto3.ts";
import { eventually } from "./eventually.ts";

/** Starts moto without our endpoint before it, for one test. The result is the variables by which AWS tools reach it. */
export async function startPlainMoto(t: TestContext): Promise<Record<string, string> & { AWS_ENDPOINT_URL: string }> {
  const port = await freePort();
  const moto = spawn(await motoServer(), ["-H", "127.0.0.1", "-p", `${port}`], { stdio: "ignore" });
  t.after(() => moto.kill("SIGKILL"));
  const endpoint = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    assert.equal(moto.exitCode, null, "moto runs");
    return await fetch(endpoint).catch(() => undefined);
  });
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "ap-southeast-2",
    AWS_DEFAULT_REGION: "ap-southeast-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
}

/** Two of the subnets that moto has in a region from the start. */
export async function defaultNetwork(env: Record<string, string>): Promise<{ vpcId: string; subnetIds: string[] }> {
  const { Subnets } = await boto(env, "ec2", "describe_subnets");
  return { vpcId: Subnets[0].VpcId, subnetIds: Subnets.slice(0, 2).map(({ SubnetId = "" }) => SubnetId) };
}

/** An image that instances of the default type can be launched from. */
export async function anyImage(env: Record<string, string>): Promise<string> {
  const Filters = [
    { Name: "architecture", Values: ["x86_64"] },
    { Name: "root-device-type", Values: ["ebs"] },
  ];
  const { Images } = await boto(env, "ec2", "describe_images", { Owners: ["amazon"], Filters });
  return Images[0].ImageId;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
