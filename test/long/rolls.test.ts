import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { execa } from "execa";
import { boto } from "../boto3.ts";
import type { Ran } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { goodApp, liveSite } from "../live-site.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** Everything that rolls, on real machines, while the site is asked without pause. */

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("rolls", { machines: true });
});
after(() => aws?.stop());

test("a site of one instance, then of three: release, config, rollback, abort; no request fails", async (t) => {
  const site = await liveSite(t, aws, "rolls");
  const app = (GREETING: string) => ({ app: { path: "app", module: "site_app:app", env: { GREETING } } });
  const git = (...args: string[]) => execa("git", args, { cwd: path.join(site.cwd, "app") });
  await site.writeApp(goodApp("first"));
  await site.configure(app("hello"));
  await git("init", "--quiet");
  await git("add", ".");
  await git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "first");
  const commit = (await git("rev-parse", "HEAD")).stdout;
  const url = (await site.open()).stdout.trim();

  const deploy = () => site.run(["deploy", "--yes"]);
  const releases = async () =>
    (await site.run(["releases", "--json"])).json().releases as { commit: string; dirty: boolean; live: boolean }[];
  const known = (await releases()).map(({ commit, dirty, live }) => ({ commit, dirty, live }));
  assert.deepEqual(known, [{ commit, dirty: false, live: true }]);

  const now = { size: 1, release: "first", greeting: "hello" };
  const page = () => `${now.release} ${now.greeting}`;
  /** A change that succeeds, and by which the site becomes another. */
  async function becomes(next: Partial<typeof now>, what: string, work: () => Promise<Ran>): Promise<void> {
    const { size } = Object.assign({}, now, next);
    const old = page();
    const { ran, answers } = await site.change(`${size} instances: ${what}`, work);
    assert.equal(ran.code, 0, ran.stderr);
    Object.assign(now, next);
    assert.deepEqual(Object.keys(answers.pages), [...new Set([old, page()])], "from the old page to the new");
    const { state, instances } = await site.status();
    assert.equal(state, "healthy");
    assert.equal(instances.length, size);
  }

  for (const size of [1, 3]) {
    if (size > 1) {
      await site.configure({ instances: { min: size, max: size } });
      await becomes({ size }, "more of them", deploy);
    }
    const before = now.release;
    const release = `release-for-${size}`;
    const greeting = `config-for-${size}`;
    await site.writeApp(goodApp(release));
    await becomes({ release }, "a new release", deploy);
    const [newest] = await releases();
    assert.deepEqual([newest?.commit, newest?.dirty, newest?.live], [commit, true, true]);

    await site.configure(app(greeting));
    await becomes({ greeting }, "another app.env", deploy);
    await becomes({ release: before }, "a rollback", () => site.run(["rollback", "--yes"]));

    const launched = async () => (await site.status()).instances.length > size;
    const serving = async () => (await (await fetch(url)).text()).includes(release);
    for (const [when, reached] of Object.entries({ launched, serving })) {
      // Otherwise the roll is over before anybody aborts it.
      const longer = { AutoScalingGroupName: "rolls-test", DefaultInstanceWarmup: 15 };
      await boto(aws.env, "autoscaling", "update_auto_scaling_group", longer);
      const deploying = deploy();
      const { ran } = await site.change(`${size} instances: an abort when new ones are ${when}`, async () => {
        await eventually(reached);
        return await site.run(["abort", "--yes"]);
      });
      assert.equal(ran.code, 0, ran.stderr);
      const aborted = await deploying;
      assert.equal(aborted.code, 4, aborted.stderr);
      await becomes({}, "another abort, with nothing under way", () => site.run(["abort", "--yes"]));
    }
    await becomes({ release }, "the deploy again", deploy);
  }
});
