import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { badApps, goodApp, liveSite } from "../live-site.ts";
import { ofStack, startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Releases that never get healthy, on real machines, while the site is asked without pause. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("badly", { machines: true });
});
after(() => aws?.stop());

const reasons = {
  crashes: /Health checks failed.*RuntimeError: there is no such table/s,
  "answers 500": /\[500\]/,
  hangs: /timed out/i,
};

test("a release that crashes, answers 500, hangs: exit code 4 and why; no request fails; the next good one works", async (t) => {
  const site = await liveSite(t, aws, "badly");
  const deploy = (what: string) => site.change(what, () => site.run(["deploy", "--yes"]));
  await site.writeApp(goodApp("good"));
  await site.open();
  let serving = await site.status();

  for (const [what, code] of Object.entries(badApps)) {
    const images = async () => {
      const { image, snapshot } = ofStack(await aws.state(), "badly", "test");
      return { image, snapshot };
    };
    const before = await images();
    await site.writeApp(code);
    const { ran: bad, answers } = await deploy(`a release that ${what}`);
    assert.equal(bad.code, 4, bad.stderr);
    assert.match(bad.stderr, reasons[what as keyof typeof badApps]);
    t.diagnostic(bad.stderr.split("\n").slice(-20).join("\n"));
    assert.equal(Object.keys(answers.pages).length, 1, "the old release served all the time");
    assert.deepEqual(await images(), before, "the failed image is gone, with its snapshot");
    assert.deepEqual(await site.status(), serving, "the same instance serves, healthy");

    await site.writeApp(goodApp("good"));
    await site.configure({ app: { path: "app", module: "site_app:app", env: { GREETING: `after one that ${what}` } } });
    const { ran: good, answers: then } = await deploy(`a good one after one that ${what}`);
    assert.equal(good.code, 0, good.stderr);
    assert.ok(then.pages[`good after one that ${what}`]);
    serving = await site.status();
    assert.equal(serving.state, "healthy");
  }

  await site.writeApp(goodApp("better"));
  const { ran, answers } = await deploy("a new release at last");
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(answers.pages["better after one that hangs"]);
});
