import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { goodConfig, temporaryFolder, writeConfig } from "../command-line.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Security groups with as many rules as EC2 takes, 60 in each direction. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("full-group", { machines: false });
});
after(() => aws?.stop());

const networks = (count: number, first: number) => Array.from({ length: count }, (_, n) => `10.${first + n}.0.0/16`);

test("rules that have no room beside those before take their place; the second deploy changes nothing", async (t) => {
  const cwd = await temporaryFolder(t);
  const file = await writeConfig(cwd);
  const rules = async () => {
    const groups = (await aws.state())["security-group"] ?? [];
    const peers = (list: { IpRanges: { CidrIp: string }[] }[]) => list.flatMap(({ IpRanges }) => IpRanges);
    return Object.fromEntries(
      groups
        .filter(({ name }) => name?.startsWith("hello-test"))
        .map(({ name, raw }) => [name, [peers(raw.IpPermissions).length, peers(raw.IpPermissionsEgress).length]]),
    );
  };
  for (const first of [0, 100]) {
    const loadBalancer = { allowFrom: networks(40, first) };
    // A new group lets out anywhere, which is one rule more.
    const instances = { allowTo: networks(60, first).map((network) => `tcp 443 ${network}`) };
    await writeFile(file, JSON.stringify({ ...goodConfig, loadBalancer, instances }));
    for (const changes of [true, false]) {
      await aws.calls();
      const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId], { cwd });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(
        (await aws.calls()).some(({ changing }) => changing),
        changes,
      );
      assert.deepEqual(await rules(), { "hello-test-lb": [40, 0], "hello-test-app": [0, 60] });
    }
  }
});
