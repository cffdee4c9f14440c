import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { CreateSecurityGroupCommand } from "@aws-sdk/client-ec2";
import { eventually } from "../../eventually.ts";
import { type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";
import { faultCalls, refusal } from "./fault-calls.ts";

/** Which calls meet a fault, and what is told of it. */

let aws: EndpointUnderTest;
let faults: ReturnType<typeof faultCalls>;
before(async () => {
  aws = await startEndpointUnderTest();
  faults = faultCalls(aws);
});
after(() => aws.close());
afterEach(() => aws.control("DELETE", "faults"));

test("a rule meets only the calls it names: service, action, changing, agent, which of them", async () => {
  const throttle = { fault: { kind: "throttle" } };
  await faults.rules({ service: "elasticloadbalancing", action: "Describe*", ...throttle });
  await faults.describeGroups();
  assert.equal((await refusal(faults.describeLoadBalancers())).name, "Throttling");

  await faults.rules({ changing: true, ...throttle });
  await faults.describeGroups();
  const dryRun = new CreateSecurityGroupCommand({ GroupName: "dry", Description: "x", DryRun: true });
  assert.equal((await refusal(aws.ec2.send(dryRun))).name, "DryRunOperation");
  assert.equal((await refusal(faults.createGroup("changing"))).name, "RequestLimitExceeded");

  await faults.rules({ agent: "packer", ...throttle });
  await faults.describeGroups();
  // What Packer 1.6.6 sends, and what Packer's later plugins do.
  assert.equal((await faults.listAs("aws-sdk-go/1.44.133 (go1.19.8; linux; amd64)")).status, 503);
  assert.equal((await faults.listAs("APN/1.0 HashiCorp/1.0 Packer/1.11.0 (+https://www.packer.io/)")).status, 503);

  await faults.rules({ action: "*SecurityGroups", skip: 1, times: 2, ...throttle });
  const outcomes = [];
  for (let call = 0; call < 5; call += 1)
    outcomes.push(
      await faults.describeGroups().then(
        () => "answered",
        () => "throttled",
      ),
    );
  assert.deepEqual(outcomes, ["answered", "throttled", "throttled", "answered", "answered"]);
  const [{ matched, fired } = { matched: 0, fired: 0 }] = (await faults.shown()).rules;
  assert.deepEqual([matched, fired], [5, 2]);
});

test("the first rule that has a fault for a call counts", async () => {
  await faults.rules({ times: 1, fault: { kind: "expired" } }, { fault: { kind: "throttle" } });
  assert.equal((await refusal(faults.describeGroups())).name, "RequestExpired");
  assert.equal((await refusal(faults.describeGroups())).name, "RequestLimitExceeded");
});

test("what a rule may not say is refused, and what was on stays on", async () => {
  await faults.rules({ fault: { kind: "throttle" } });
  const wrong: [object, RegExp][] = [
    [{ fault: { kind: "explode" } }, /kind/],
    [{ fault: { kind: "throttle", status: 500 } }, /status/],
    [{ fault: { kind: "throttle" }, when: "after" }, /cannot come after the effect/],
    [{ fault: { kind: "lag" } }, /give seconds, calls, or both/],
    [{ action: "DescribeVpcs", fault: { kind: "lag", calls: 1 } }, /lag never happens to DescribeVpcs/],
    [{ action: "DescribeVpcs", fault: { kind: "quota" } }, /quota never happens to DescribeVpcs/],
    [{ actions: "*", fault: { kind: "reset" } }, /actions/],
    [{ service: "s3", fault: { kind: "reset" } }, /service/],
  ];
  for (const [rule, why] of wrong) assert.match((await faults.rules(rule)).error ?? "", why);
  assert.equal((await refusal(faults.describeGroups())).name, "RequestLimitExceeded");
});

test("the call log tells of faults, also of a call that was never answered", async () => {
  await aws.control("DELETE", "calls");
  await faults.rules({ times: 1, fault: { kind: "throttle" } }, { times: 1, when: "after", fault: { kind: "reset" } });
  for (let call = 0; call < 3; call += 1) await faults.describeGroups().catch(() => {});
  const calls = (await aws.control("GET", "calls")) as { status: number; error?: string; fault?: string }[];
  assert.deepEqual(
    calls.map(({ status, error, fault }) => [status, error, fault]),
    [
      [503, "RequestLimitExceeded", "throttle"],
      [0, undefined, "reset after"],
      [200, undefined, undefined],
    ],
  );
});

test("a call is held before or after its effect until the faults are cleared", { timeout: 30_000 }, async () => {
  for (const when of ["before", "after"]) {
    const name = `held-${when}`;
    await faults.rules({ agent: "multivac", action: "Create*", skip: 1, times: 1, when, fault: { kind: "hold" } });
    await faults.createGroup(`${name}-first`);
    const call = refusal(faults.createGroup(name));
    const held = await eventually(async () => {
      const { held: found } = await faults.shown();
      return found.length > 0 && found;
    });
    assert.deepEqual(
      held.map((one) => [one.service, one.action, one.when]),
      [["ec2", "CreateSecurityGroup", when]],
    );
    assert.equal(await faults.isThere(name), when === "after");
    await faults.createGroup(`${name}-third`);
    await aws.control("DELETE", "faults");
    assert.equal((await call).name, "ECONNRESET");
    assert.equal(await faults.isThere(name), when === "after");
    assert.deepEqual((await faults.shown()).held, []);
  }
});

test("a seed gives each call of an action the same fault again, in whatever order they come", async () => {
  const metBy = async (seed: number, calls: (() => Promise<unknown>)[]) => {
    await faults.put({ random: { seed, rate: 0.5, kinds: ["throttle", "error", "reset"] } });
    await aws.control("DELETE", "calls");
    for (const call of calls) await call().catch(() => {});
    const logged = (await aws.control("GET", "calls")) as { action: string; status: number; fault?: string }[];
    const met: Record<string, string[]> = {};
    for (const { action, status, fault } of logged) {
      met[action] = [...(met[action] ?? []), `${fault ?? "none"} ${status}`];
    }
    return met;
  };
  const some = Array.from({ length: 12 }, () => faults.describeGroups);
  const others = Array.from({ length: 12 }, () => faults.describeScaling);
  const first = await metBy(7, [...some, ...others]);
  const mixed = some.flatMap((call, index) => [others[index] ?? call, call]);
  assert.deepEqual(await metBy(7, mixed), first);
  assert.notDeepEqual(await metBy(8, mixed), first);
  const all = Object.values(first).flat();
  assert.ok(all.some((one) => one.startsWith("none")) && all.some((one) => one.startsWith("throttle")), `${all}`);
});

test("a rule's probability is drawn from the seed too", async () => {
  const outcomes = async () => {
    await faults.put({ seed: 3, rules: [{ probability: 0.5, fault: { kind: "throttle" } }] });
    const seen = [];
    for (let call = 0; call < 20; call += 1)
      seen.push(
        await faults.describeGroups().then(
          () => true,
          () => false,
        ),
      );
    return seen;
  };
  const first = await outcomes();
  assert.deepEqual(await outcomes(), first);
  assert.ok(first.includes(true) && first.includes(false));
});

test("the endpoint's own calls meet no fault", async () => {
  await faults.rules({ agent: "multivac", action: "Describe*", fault: { kind: "refuse" } });
  await faults.createGroup("own-calls");
  assert.equal((await refusal(faults.createGroup("own-calls"))).name, "InvalidGroup.Duplicate");
});
