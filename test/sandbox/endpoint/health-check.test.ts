import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { count, type HealthCheck } from "../../../src/sandbox/endpoint/elasticloadbalancing/health-check.ts";
import { matches } from "../../../src/sandbox/endpoint/elasticloadbalancing/matcher.ts";
import { probeHttp } from "../../../src/sandbox/endpoint/elasticloadbalancing/probe.ts";
import { newTarget } from "../../../src/sandbox/endpoint/elasticloadbalancing/target.ts";

const check: HealthCheck = {
  enabled: true,
  path: "/",
  port: "traffic-port",
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 3,
  unhealthyThreshold: 2,
  matcher: "200,301-399",
};

test("a matcher is codes and ranges", () => {
  for (const code of [200, 301, 302, 399]) assert.ok(matches("200,301-399", code), String(code));
  for (const code of [199, 201, 300, 400, 500]) assert.ok(!matches("200,301-399", code), String(code));
});

test("a new target is healthy after one good check", () => {
  const target = newTarget("i-1", 80, true);
  assert.equal(target.health.reason, "Elb.RegistrationInProgress");
  count(target, 500, check);
  assert.equal(target.health.reason, "Elb.InitialHealthChecking");
  count(target, 301, check);
  assert.deepEqual(target.health, { state: "healthy" });
});

test("it is unhealthy after the unhealthy threshold, with AWS's reason", () => {
  const target = newTarget("i-1", 80, true);
  count(target, 200, check);
  count(target, 500, check);
  assert.equal(target.health.state, "healthy");
  count(target, 500, check);
  assert.deepEqual(target.health, {
    state: "unhealthy",
    reason: "Target.ResponseCodeMismatch",
    description: "Health checks failed with these codes: [500]",
  });
  count(target, "timeout", check);
  assert.deepEqual(target.health.description, "Request timed out");
  count(target, "refused", check);
  assert.deepEqual(
    [target.health.reason, target.health.description],
    ["Target.FailedHealthChecks", "Health checks failed"],
  );
});

test("one that was unhealthy needs the healthy threshold, in a row", () => {
  const target = newTarget("i-1", 80, true);
  for (const answer of [500, 500, 200, 200, 500, 200, 200]) count(target, answer, check);
  assert.equal(target.health.state, "unhealthy");
  count(target, 200, check);
  assert.equal(target.health.state, "healthy");
});

test("the probe tells codes, timeouts and refusals apart", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/slow") response.writeHead(200).write("…");
    else response.writeHead(request.url === "/" ? 200 : 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (path: string) =>
    probeHttp({ id: "i-1", address: "127.0.0.1", port, path, timeoutSeconds: path === "/slow" ? 0.2 : 20 });
  assert.equal(await ask("/"), 200);
  assert.equal(await ask("/broken"), 500);
  assert.equal(await ask("/slow"), "timeout");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await ask("/"), "refused");
});
