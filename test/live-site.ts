import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { goodConfig, type Ran, type RunOptions, temporaryFolder } from "./command-line.ts";
import { type Answers, answersText, type Load, startLoad } from "./load.ts";
import { ofStack, type TestSandbox } from "./sandboxes.ts";

/** A small app of one file. Its heading is `heading` and what `app.env.GREETING` says; `/slow` takes a second. */
export function goodApp(heading: string): string {
  return `import os
import time


def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    body = f"<h1>${heading} {os.environ.get('GREETING', '')}</h1>".encode()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]
`;
}

/** Apps that never get healthy. */
export const badApps = {
  crashes: 'raise RuntimeError("there is no such table")\n',
  "answers 500": `def app(environ, start_response):
    start_response("500 Internal Server Error", [("Content-Length", "0")])
    return []
`,
  hangs: `import time


def app(environ, start_response):
    time.sleep(3600)
`,
};

interface Changed {
  ran: Ran;
  answers: Answers;
}

/** A stack on real machines whose site is asked without pause from its first deploy on. */
export interface LiveSite {
  cwd: string;
  writeApp(code: string): Promise<void>;
  /** Changes the config, on top of what was changed before. */
  configure(changes: object): Promise<void>;
  run(args: string[], options?: RunOptions): Promise<Ran>;
  /** The first deploy; requests begin after it. */
  open(): Promise<Ran>;
  /**
   * Does something and waits until instances that leave are gone. Fails the test when a request failed that was made
   * meanwhile, or since the change before.
   */
  change(what: string, work: () => Promise<Ran>): Promise<Changed>;
  status(): Promise<Status>;
}

interface Status {
  state: string;
  release: string;
  image: string;
  instances: { id: string; health: string; release: string }[];
}

/** Health checks and deregistration for tests that wait for them. */
export const quick = {
  healthCheck: { intervalSeconds: 5, timeoutSeconds: 4, gracePeriodSeconds: 20 },
  deregistrationDelaySeconds: 5,
};

/** Destroys the stack after the test. */
export async function liveSite(t: TestContext, aws: TestSandbox, name: string): Promise<LiveSite> {
  const cwd = await temporaryFolder(t);
  await mkdir(path.join(cwd, "app"));
  const loads: Load[] = [];
  t.after(async () => {
    await Promise.all(loads.map((load) => load.stop()));
    await aws.run(["destroy", "--yes", "--name", name, "--environment", "test"]);
  });
  let config: object = { ...goodConfig, name, app: { path: "app", module: "site_app:app" }, loadBalancer: quick };
  const run = (args: string[], options: RunOptions = {}) => aws.run(args, { cwd, ...options });
  const configure = async (changes: object) => {
    config = { ...config, ...changes };
    await writeFile(path.join(cwd, "config.json"), JSON.stringify(config));
  };
  await configure({});

  async function settled(): Promise<void> {
    for (const end = Date.now() + 60_000; ; await sleep(500)) {
      const state = await aws.state();
      const group = state["auto-scaling-group"]?.find(({ id }) => id === `${name}-test`);
      if (ofStack(state, name, "test").instance?.length === group?.raw.DesiredCapacity) return;
      assert.ok(Date.now() < end, "as many instances as wanted, a minute after the change");
    }
  }

  function checkedLaps(what: string, about = ""): Answers[] {
    return loads.map((load, n) => {
      const answers = load.lap();
      const page = n === 0 ? "" : ", slow page";
      if (about) t.diagnostic(`${what}${page}, ${about}: ${answersText(answers)}`);
      assert.deepEqual(answers.failures, [], `${what}${page}`);
      return answers;
    });
  }

  return {
    cwd,
    configure,
    run,
    writeApp: (code) => writeFile(path.join(cwd, "app/site_app.py"), code),
    async open() {
      const first = await run(["deploy", "--yes"]);
      assert.equal(first.code, 0, first.stderr);
      loads.push(startLoad(first.stdout.trim()), startLoad(`${first.stdout.trim()}slow`, 1));
      return first;
    },
    async change(what, work) {
      checkedLaps(`before ${what}`);
      const begin = performance.now();
      const ran = await work();
      const seconds = (performance.now() - begin) / 1000;
      await settled();
      const [answers] = checkedLaps(what, `exit code ${ran.code} after ${seconds.toFixed(1)} s`);
      assert.ok(answers && answers.requests > 0, "it was asked at all");
      return { ran, answers };
    },
    status: async () => (await run(["status", "--json"])).json() as unknown as Status,
  };
}
