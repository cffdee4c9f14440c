import { settingsWithoutMachines } from "../../src/sandbox/endpoint/settings.ts";
import type { TestSandbox } from "../sandboxes.ts";
import { type Sample, sample } from "./samples.ts";
import { findCloudFormation, findTerraform, multivacIn, type Tool } from "./tools.ts";

export const phases = ["first deploy", "unchanged deploy", "destroy"] as const;
export type Phase = (typeof phases)[number];

export interface Comparison {
  tools: { name: string; version: string; samples: Record<Phase, Sample[]>; slow?: Sample }[];
  missing: string[];
  latencySeconds: number;
  rounds: number;
  /** In the run called slow, from a load balancer's creation until it is active. */
  slowSeconds: number;
}

/** Lets each tool that is found make, leave as it is and take down the same seven resources, one tool after another in each round. */
export async function compare(
  aws: TestSandbox,
  { latencySeconds, rounds, slowSeconds }: Pick<Comparison, "latencySeconds" | "rounds" | "slowSeconds">,
  say: (text: string) => void,
): Promise<Comparison> {
  const found = [await findTerraform(aws), await findCloudFormation(aws)];
  const tools: Tool[] = [await multivacIn(aws, "bench"), ...found.flatMap((one) => ("tool" in one ? one.tool : []))];
  const missing = new Set(found.flatMap((one) => ("missing" in one ? one.missing : [])));
  const results: Comparison["tools"] = tools.map(({ name, version }) => ({
    name,
    version,
    samples: { "first deploy": [], "unchanged deploy": [], destroy: [] },
  }));

  const atOnce = { loadBalancerSeconds: 0, healthySeconds: 0, interfaceSeconds: 0 };
  await aws.control("settings", { latencySeconds, ...atOnce });
  for (let round = 1; round <= rounds; round++) {
    // Who goes first changes, so that nobody always has the machine in the better state.
    for (const index of round % 2 ? tools.keys() : [...tools.keys()].reverse()) {
      const [{ name, deploy, destroy, tidy }, { samples }] = [
        tools[index] as Tool,
        results[index] as Comparison["tools"][0],
      ];
      for (const phase of phases) {
        const taken = await sample(aws, phase === "destroy" ? destroy : deploy).catch((error: Error) => {
          if (index === 0) throw error;
          // Another tool may ask for what this endpoint does not have.
          const [, why = "it failed"] = error.message.split("\n").filter((line) => line.trim());
          missing.add(`${name}, ${phase}: ${why}`);
        });
        if (!taken) continue;
        samples[phase].push(taken);
        say(`round ${round}, ${name}, ${phase}: ${taken.seconds.toFixed(2)} s, ${taken.requests.all} requests`);
      }
      await tidy?.();
    }
  }

  await aws.control("settings", { loadBalancerSeconds: slowSeconds });
  for (const [index, { name, deploy, destroy }] of tools.entries()) {
    // CloudFormation's own work is not this endpoint's, and no load balancer holds it up here.
    if (name === "CloudFormation") continue;
    const slow = await sample(aws, deploy);
    (results[index] as Comparison["tools"][0]).slow = slow;
    say(`${name}, load balancer active after ${slowSeconds} s: ${slow.seconds.toFixed(2)} s`);
    await destroy();
  }
  await aws.control("settings", settingsWithoutMachines);
  for (const why of missing) say(`left out: ${why}`);
  return { tools: results, missing: [...missing], latencySeconds, rounds, slowSeconds };
}
