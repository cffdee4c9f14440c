import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { goodConfig, multivac, temporaryFolder } from "../command-line.ts";
import { anyImage, defaultNetwork, startPlainMoto } from "../plain-moto.ts";
import { ofStack, readState } from "../sandboxes.ts";

test("the same build deploys, changes nothing and destroys against plain moto through AWS_ENDPOINT_URL", async (t) => {
  const env = await startPlainMoto(t);
  const [network, id] = await Promise.all([defaultNetwork(env), anyImage(env)]);
  const cwd = await temporaryFolder(t);
  const { app: _, ...common } = goodConfig;
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ ...common, image: { id }, network }));

  const first = await multivac(["deploy", "--yes", "--no-wait"], { cwd, env });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, new RegExp(`AWS endpoint: ${env.AWS_ENDPOINT_URL}`), "a custom endpoint is shown");
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
