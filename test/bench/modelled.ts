import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { commandFile, environment, packageRoot } from "../command-line.ts";
import type { TestSandbox } from "../sandboxes.ts";
import { type Part, partsBeyond, partsText } from "./beyond.ts";
import { benchId, multivacIn } from "./tools.ts";

/** What AWS typically takes for each, in seconds. */
export const typical = {
  "builder to SSH": 35,
  "builder stops": 30,
  "image available": 90,
  "load balancer active": 150,
  "boot to healthy": 60,
};

export interface Modelled {
  /** By how much every time is divided. */
  scale: number;
  runs: {
    what: string;
    seconds: number;
    /** What AWS must be waited for, one thing after another. */
    critical: number;
    /** Bake, then make everything, then wait: what a script takes. */
    serial: number;
    path: string;
    /** Where the time beyond the critical path went, the largest first. */
    beyond: Part[];
  }[];
}

/** A first deploy and one of a changed app, bakes and all, with AWS's typical times, each divided by `scale`. */
export async function model(aws: TestSandbox, scale: number, say: (text: string) => void): Promise<Modelled> {
  const times = Object.fromEntries(
    Object.entries(typical).map(([what, seconds]) => [what, seconds / scale]),
  ) as typeof typical;
  const bake = times["builder to SSH"] + times["builder stops"] + times["image available"];
  const boot = times["boot to healthy"];
  const balancer = times["load balancer active"];
  const { cwd } = await multivacIn(aws, "model", { image: {}, app: { path: "app", command: "./serve" } });
  const env = environment({
    MULTIVAC_SANDBOX: `test-${benchId}`,
    PATH: `${await standIns(cwd)}${path.delimiter}${process.env.PATH}`,
    XDG_STATE_HOME: path.join(cwd, "state"),
    MODEL_TO_SSH: `${times["builder to SSH"]}`,
    MODEL_STOPS: `${times["builder stops"]}`,
  });
  const healthCheckSeconds = 0.1;
  await aws.control("settings", { loadBalancerSeconds: balancer, healthySeconds: boot, healthCheckSeconds });
  const slow = { kind: "slow", seconds: times["image available"] };
  await aws.control("faults", { rules: [{ action: "CreateImage", fault: slow }] });

  const runs: Modelled["runs"] = [];
  const deploy = async (what: string, critical: number, serial: number, told: string) => {
    await mkdir(path.join(cwd, "app"), { recursive: true });
    await writeFile(path.join(cwd, "app/serve"), `#!/bin/sh\n# ${what}\n`, { mode: 0o755 });
    const begin = performance.now();
    const trace = path.join(cwd, `${runs.length}.json`);
    const args = [commandFile, "deploy", "--sandbox", "--yes", "--trace", trace];
    await execa(process.execPath, args, { cwd, env, extendEnv: false });
    const seconds = (performance.now() - begin) / 1000;
    const beyond = await partsBeyond(trace, { bake, boot, seconds });
    runs.push({ what, seconds, critical, serial, path: told, beyond });
    say(
      `modelled, ${what}: ${seconds.toFixed(2)} s; critical path ${critical.toFixed(1)} s, in series ${serial.toFixed(1)} s; beyond the path: ${partsText(beyond)}`,
    );
  };
  await deploy(
    "first deploy",
    Math.max(bake + boot, balancer),
    bake + Math.max(balancer, boot),
    "bake, then boot; the load balancer meanwhile",
  );
  await deploy("changed app", bake + boot, bake + boot, "bake, then boot; without the warm-up of the roll");
  await aws.control("faults", {});
  await aws.control("settings", { loadBalancerSeconds: 0.2, healthySeconds: 0.2 });
  return { scale, runs };
}

/** A folder for PATH with a Packer that takes the model's times, and an Ansible that is asked its version alone. */
async function standIns(cwd: string): Promise<string> {
  const folder = path.join(cwd, "programs");
  await mkdir(folder);
  const packer = path.join(folder, "packer");
  const standIn = path.join(packageRoot, "test/bench/packer-stand-in.mjs");
  await writeFile(packer, `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`);
  const ansible = path.join(folder, "ansible-playbook");
  await writeFile(ansible, "#!/bin/sh\necho 'ansible-playbook [core 2.14.0]'\n");
  for (const file of [packer, ansible]) await chmod(file, 0o755);
  return folder;
}
