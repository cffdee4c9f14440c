import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { goodConfig, multivac, temporaryFolder, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("releases", { machines: false });
});
after(() => aws?.stop());

interface Listed {
  release: string;
  image: string;
  base: string;
  created: string;
  sizeGiB: number;
  live: boolean;
  commit?: string;
  dirty?: boolean;
}

const named = ["--name", "hello", "--environment", "test"];

async function deployed(t: TestContext, ...args: string[]): Promise<string> {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd, goodConfig);
  t.after(() => aws.reset());
  const ran = await aws.run(["deploy", "--yes", "--image", aws.baseImageId, ...args], { cwd });
  assert.equal(ran.code, 0, ran.stderr);
  return cwd;
}

test("releases lists the images newest first, tells which one is live, and changes nothing", async (t) => {
  const cwd = await deployed(t);
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const first = await makeImage(aws, "aaaaaaaaaaaa", { "multivac:commit": commit, "multivac:dirty": "true" });
  const second = await makeImage(aws, "bbbbbbbbbbbb");
  assert.equal((await aws.run(["deploy", "--yes", "--image", first], { cwd })).code, 0);

  await aws.calls();
  const ran = await aws.run(["releases", "--json", ...named]);
  assert.equal(ran.code, 0, ran.stderr);
  const { version, stack, releases } = ran.json() as unknown as { version: 1; stack: object; releases: Listed[] };
  assert.equal(version, 1);
  assert.deepEqual(stack, { name: "hello", environment: "test", region: "ap-southeast-2", account: "123456789012" });
  const own = releases.filter(({ image }) => image !== aws.baseImageId);
  assert.deepEqual(
    own.map(({ release, image, live }) => ({ release, image, live })),
    [
      { release: "bbbbbbbbbbbb", image: second, live: false },
      { release: "aaaaaaaaaaaa", image: first, live: true },
    ],
  );
  assert.equal(own[1]?.commit, commit);
  assert.equal(own[1]?.dirty, true);
  assert.ok(!("commit" in (own[0] ?? {})) && !("dirty" in (own[0] ?? {})), "without git there is neither");
  assert.equal(own[1]?.base, aws.baseImageId);
  assert.ok((own[1]?.sizeGiB ?? 0) > 0);
  assert.equal(new Date(own[1]?.created ?? "").toISOString(), own[1]?.created);
  assert.equal(releases.find(({ image }) => image === aws.baseImageId)?.live, false, "the image named before is there");
  assert.deepEqual(
    (await aws.calls()).filter(({ changing }) => changing),
    [],
  );

  const text = await aws.run(["releases"], { cwd });
  assert.match(text.stdout, /^\* aaaaaaaaaaaa .* 0123456789ab and changes +live$/m);
  assert.match(text.stdout, /^ {2}bbbbbbbbbbbb /m);
});

test("a stack that is not there has no releases, nor has a sandbox that is not running", async (t) => {
  const ran = await aws.run(["releases", "--json", "--name", "nobody"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.json().releases, []);

  const cwd = await temporaryFolder(t);
  const own = { MULTIVAC_SANDBOX: "test-releases-down" };
  const down = await multivac(["releases", "--json", "--sandbox", "--name", "hello"], { cwd, env: own });
  assert.equal(down.code, 0, down.stderr);
  assert.deepEqual(down.json().releases, []);
  assert.deepEqual(ofStack(await aws.state(), "hello", "test"), {});
});
