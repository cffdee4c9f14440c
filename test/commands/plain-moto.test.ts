import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { goodConfig, multivac, temporaryFolder } from "../command-line.ts";
import { boto, motoServer, ofStack, readState } from "../sandboxes.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

test("the same build deploys, changes nothing and destroys against plain moto through AWS_ENDPOINT_URL", async (t) => {
  const port = await freePort();
  const moto = spawn(await motoServer(), ["-H", "127.0.0.1", "-p", `${port}`], { stdio: "ignore" });
  t.after(() => moto.kill("SIGKILL"));
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; !(await fetch(endpoint).catch(() => undefined)); tries++) {
    assert.ok(tries < 100, "moto answers");
    await sleep(100);
  }
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "ap-southeast-2",
    AWS_DEFAULT_REGION: "ap-southeast-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const { Subnets } = await boto(env, "ec2", "describe_subnets");
  const [{ VpcId: vpcId }] = Subnets;
  const subnetIds = Subnets.slice(0, 2).map(({ SubnetId }: { SubnetId: string }) => SubnetId);
  const Filters = [
    { Name: "architecture", Values: ["x86_64"] },
    { Name: "root-device-type", Values: ["ebs"] },
  ];
  const { Images } = await boto(env, "ec2", "describe_images", { Owners: ["amazon"], Filters });
  const cwd = await temporaryFolder(t);
  const { app: _, ...common } = goodConfig;
  await writeFile(
    path.join(cwd, "config.json"),
    JSON.stringify({ ...common, image: { id: Images[0].ImageId }, network: { vpcId, subnetIds } }),
  );

  const first = await multivac(["deploy", "--yes", "--no-wait"], { cwd, env });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, new RegExp(`AWS endpoint: ${endpoint}`), "a custom endpoint is shown");
  assert.match(first.stdout, /^http:\/\/hello-test-lb\S+\/$/);
  const second = await multivac(["deploy", "--yes", "--no-wait", "--json"], { cwd, env });
  const changes = second.json().changes as { resource: string; action: string }[];
  assert.deepEqual(
    changes.filter(({ action }) => action !== "none"),
    [],
  );

  const destroyed = await multivac(["destroy", "--yes"], { cwd, env });
  assert.equal(destroyed.code, 0, destroyed.stderr);
  assert.deepEqual(ofStack(await readState(env), "hello", "test"), {});
});
