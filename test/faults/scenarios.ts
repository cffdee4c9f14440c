import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { goodConfig, writeConfig } from "../command-line.ts";
import { makeImage } from "../releases.ts";
import { type AwsState, startSandbox, type TestSandbox } from "../sandboxes.ts";
import { gracePeriodSeconds, named } from "./stack.ts";

export interface Scene {
  aws: TestSandbox;
  /** The folder with the config. */
  cwd: string;
  /** Images to deploy, made before. */
  images: string[];
  /** The scenario that it is prepared for, with AWS before that and after it. */
  ready?: { name: string; empty: AwsState; prepared: AwsState } | undefined;
  /** Kinds of points that leave AWS untouched of which one was looked into. */
  known: Set<string>;
}

/** What is done before, and the command that is killed and run again. */
interface Scenario {
  prepare(scene: Scene): Promise<void>;
  command(scene: Scene): string[];
  /** What the stack has in the end; nothing after a destroy. */
  stands: boolean;
}

const quick = { healthCheck: { gracePeriodSeconds }, deregistrationDelaySeconds: 0 };
const deploy = (image = "") => ["deploy", "--yes", "--json", "--image", image];

async function config({ cwd }: Scene, changes: object = {}): Promise<void> {
  await writeFile(path.join(cwd, "config.json"), JSON.stringify({ ...goodConfig, loadBalancer: quick, ...changes }));
}

/** Runs a command that has to succeed. */
export async function done(scene: Scene, args: string[]): Promise<void> {
  const ran = await scene.aws.run(args, { cwd: scene.cwd });
  if (ran.code !== 0) throw new Error(`${args[0]} exits ${ran.code}: ${ran.stderr}`);
}

const scenarios: Record<string, Scenario> = {
  "first deploy": {
    prepare: (scene) => config(scene),
    command: ({ aws }) => deploy(aws.baseImageId),
    stands: true,
  },
  "changed deploy": {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      scene.images = [await makeImage(scene.aws, "aaaaaaaaaaaa")];
      const app = { ...goodConfig.app, env: { GREETING: "hi" } };
      await config(scene, {
        app,
        tags: { team: "blue" },
        loadBalancer: { ...quick, allowFrom: ["192.0.2.0/24"], deregistrationDelaySeconds: 1 },
      });
    },
    command: ({ images }) => deploy(images[0]),
    stands: true,
  },
  "changed port": {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      await config(scene, { app: { ...goodConfig.app, port: 8080 } });
    },
    command: ({ aws }) => deploy(aws.baseImageId),
    stands: true,
  },
  rollback: {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      await makeImage(scene.aws, "aaaaaaaaaaaa");
    },
    command: () => ["rollback", "--yes", "--json", ...named, "aaaaaaaaaaaa"],
    stands: true,
  },
  destroy: {
    async prepare(scene) {
      await config(scene);
      await done(scene, deploy(scene.aws.baseImageId));
      await makeImage(scene.aws, "aaaaaaaaaaaa");
    },
    command: () => ["destroy", "--yes", "--json", ...named],
    stands: false,
  },
};

export const scenarioNames = Object.keys(scenarios);

export function scenarioOf(name: string): Scenario {
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`${name} is no scenario; there are ${scenarioNames.join(", ")}`);
  return scenario;
}

/** Opens a place to walk in: a sandbox of its own, empty. */
export async function openScene(id: string): Promise<Scene & { close(): Promise<void> }> {
  const aws = await startSandbox(id, { machines: false });
  const cwd = await mkdtemp(path.join(tmpdir(), "multivac-walk-"));
  await writeConfig(cwd, { loadBalancer: quick });
  const close = async () => {
    await aws.stop();
    await rm(cwd, { recursive: true, force: true });
  };
  return { aws, cwd, images: [], known: new Set(), close };
}
