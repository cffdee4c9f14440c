import { z } from "zod";
import type { Machines } from "../machines.ts";
import type { Answer } from "./answer.ts";
import type { CallLog } from "./call-log.ts";
import type { Instances } from "./ec2/instances.ts";
import type { Faults } from "./faults/index.ts";
import { faultsBody } from "./faults/rule.ts";
import { policyDocument } from "./iam/document.ts";
import type { Permissions } from "./iam/index.ts";
import { type PriceList, productsBody } from "./pricing/products.ts";
import type { HealthAnswer, Settings } from "./settings.ts";

interface ControlParts {
  settings: Settings;
  faults: Faults;
  permissions: Permissions;
  log: CallLog;
  instances: Instances;
  machines: Pick<Machines, "pid">;
  priceList: PriceList;
  /** Fixes how an instance answers health checks, or gives it back its own answer; only without machines. */
  tell?: ((instanceId: string, answer: HealthAnswer | undefined) => void) | undefined;
  /** Lets an instance end by itself; only without machines. */
  end?: ((instanceId: string) => void) | undefined;
  /** Empties this AWS and makes its network again; only without machines. */
  reset?: (() => Promise<unknown>) | undefined;
}

const healthAnswer = z.union([z.number().int(), z.literal("timeout"), z.literal("refused")]);
const settingsBody = z.strictObject({
  latencySeconds: z.number().min(0).optional(),
  loadBalancerSeconds: z.number().min(0).optional(),
  interfaceSeconds: z.number().min(0).optional(),
  healthCheckSeconds: z.number().positive().nullable().optional(),
  refreshSeconds: z.number().min(0).optional(),
  healthySeconds: z.number().min(0).optional(),
  answer: healthAnswer.optional(),
  quotas: z.record(z.string(), z.number().min(0)).optional(),
});
const policiesBody = z.strictObject({
  accessKeyId: z.string().default("sandbox"),
  policies: z.array(policyDocument),
});
const targetBody = z.strictObject({ answer: healthAnswer.nullable() });

/**
 * Answers the endpoint's own paths, for tests and for whoever wants to try something:
 *
 * - `GET /_multivac/settings`, `POST` with some of them changes these (see `Settings`).
 * - `GET /_multivac/faults` tells which are on, what they met and which calls are held; `POST` puts others on in their
 *   place, `DELETE` takes all off (see `faultsBody`).
 * - `GET /_multivac/calls?since=N` lists the calls after number N, `DELETE` forgets them (see `LoggedCall`).
 * - `GET /_multivac/actions` tells who has called which actions since the start.
 * - `POST /_multivac/policies` lets an access key do what IAM policies allow and nothing else; `GET` tells which do,
 *   `DELETE` lets everybody do everything again.
 * - `GET /_multivac/instances` lists every instance with its state; `GET /_multivac/machines/<instance id>` tells the pid of
 *   a machine's PID 1 while it runs.
 * - `POST /_multivac/products` puts a price list in place: an array of products as GetProducts answers them.
 * - `POST /_multivac/targets/<instance id>` with `{"answer": 500}` (a code, "timeout", "refused", null for its own).
 * - `POST /_multivac/instances/<instance id>/end` lets an instance end by itself.
 * - `POST /_multivac/reset` empties the sandbox and answers its new network.
 *
 * The last three exist without machines only.
 */
export function createControl(parts: ControlParts) {
  const { settings, faults, permissions, log, instances, machines, priceList, tell, end, reset } = parts;
  return async function control(method: string, path: string, body: string): Promise<Answer> {
    const { pathname, searchParams } = new URL(path, "http://endpoint");
    const [kind, id = "", verb] = pathname.slice("/_multivac/".length).split("/");
    const route = `${method} ${kind}${id ? "/id" : ""}${verb ? `/${verb}` : ""}`;
    if (route === "GET settings") return json(settings);
    if (route === "POST settings") {
      const read = settingsBody.safeParse(parse(body));
      if (!read.success) return json({ error: z.prettifyError(read.error) }, 400);
      Object.assign(settings, read.data);
      return json(settings);
    }
    if (route === "GET faults") return json(faults.shown());
    if (route === "POST faults") {
      const read = faultsBody.safeParse(parse(body));
      if (!read.success) return json({ error: z.prettifyError(read.error) }, 400);
      faults.set(read.data);
      return json(faults.shown());
    }
    if (route === "DELETE faults") {
      faults.clear();
      return json(faults.shown());
    }
    if (route === "GET policies") return json(permissions.shown());
    if (route === "POST policies") {
      const read = policiesBody.safeParse(parse(body));
      if (!read.success) return json({ error: z.prettifyError(read.error) }, 400);
      permissions.set(read.data.accessKeyId, read.data.policies);
      return json(permissions.shown());
    }
    if (route === "DELETE policies") {
      permissions.clear();
      return json(permissions.shown());
    }
    if (route === "GET actions") return json(log.actions());
    if (route === "POST products") {
      const read = productsBody.safeParse(parse(body));
      if (!read.success) return json({ error: z.prettifyError(read.error) }, 400);
      priceList.set(read.data);
      return json({});
    }
    if (route === "GET calls") return json(log.since(Number(searchParams.get("since") ?? 0)));
    if (route === "GET instances") return json(instances.all());
    if (route === "GET machines/id") return json({ pid: machines.pid(id) });
    if (route === "DELETE calls") {
      log.clear();
      return json({});
    }
    if (route === "POST targets/id" && tell) {
      const read = targetBody.safeParse(parse(body));
      if (!read.success) return json({ error: z.prettifyError(read.error) }, 400);
      tell(id, read.data.answer ?? undefined);
      return json({});
    }
    if (route === "POST instances/id/end" && end) {
      end(id);
      return json({});
    }
    if (route === "POST reset" && reset) return json(await reset());
    return json({ error: `There is no ${method} ${pathname} here.` }, 404);
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body || "{}");
  } catch {
    return undefined;
  }
}

function json(value: unknown, status = 200): Answer {
  return { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}
