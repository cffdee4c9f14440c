import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, errorAnswer, errorOf, resultAnswer, resultOf } from "./answer.ts";
import { AwsError } from "./aws-error.ts";
import type { Call } from "./call.ts";
import type { CallLog } from "./call-log.ts";
import type { Faults } from "./faults/index.ts";
import type { HandlersOf } from "./handler.ts";
import type { Permissions } from "./iam/index.ts";
import type { Settings } from "./settings.ts";

interface DispatchParts {
  handlersOf: HandlersOf;
  forward: (call: Call) => Promise<Answer>;
  settings: Settings;
  faults: Faults;
  permissions: Pick<Permissions, "check">;
  log: CallLog;
  /** The one region this AWS has. */
  region: string;
  /** Tells of a failure that is no AWS answer: a bug of the endpoint. */
  onBug: (error: unknown, call: Call) => void;
}

/** Services whose state is the endpoint's own: what has no handler here does not exist. */
const ownServices = ["autoscaling", "servicequotas", "pricing"];
/** Services for which moto runs containers of its caller's on this machine, as root. */
const runningServices = ["batch", "lambda"];
/** Services that belong to the sandbox's region. */
const regionalServices = ["ec2", "autoscaling", "elasticloadbalancing", "servicequotas", "ssm"];

/**
 * Answers a call: through the handlers of its action, and through moto where none answers instead. Rejects with
 * `ConnectionDropped` where a fault leaves it without an answer.
 */
export function createDispatch(parts: DispatchParts) {
  const { handlersOf, forward, settings, faults, permissions, log, region, onBug } = parts;
  return async function dispatch(call: Call): Promise<Answer> {
    const started = Date.now();
    if (settings.latencySeconds > 0) await sleep(settings.latencySeconds * 1000);
    const carryOut = () => enclosed(call).catch((error: unknown) => failed(call, error));
    let fault: string | undefined;
    try {
      const refusal = await permissions.check(call).then(
        () => undefined,
        (error: unknown) => failed(call, error),
      );
      const answer =
        refusal ??
        (await faults.around(call, carryOut, (name) => {
          fault ??= name;
        }));
      const error = answer.status >= 400 ? errorOf(answer)?.code : undefined;
      log.add(call, { started, status: answer.status, error, fault });
      return answer;
    } catch (dropped) {
      log.add(call, { started, status: 0, fault });
      throw dropped;
    }
  };

  async function enclosed(call: Call): Promise<Answer> {
    if (regionalServices.includes(call.service) && call.region !== region) {
      throw new AwsError("AuthFailure", `The sandbox has the region ${region} only, not ${call.region}.`, 401);
    }
    return handlersOf(call.service, call.action).reduceRight<() => Promise<Answer>>(
      (next, { around }) => (around ? () => around(call, next) : next),
      () => handled(call),
    )();
  }

  async function handled(call: Call): Promise<Answer> {
    const handlers = handlersOf(call.service, call.action);
    for (const { before } of handlers) await before?.(call);
    const owner = handlers.find(({ instead }) => instead);
    if (owner) return resultAnswer(call, await owner.instead?.(call));
    if ([...ownServices, ...runningServices].includes(call.service) || call.path.startsWith("/moto-api"))
      throw invalidAction(call);

    const answer = await forward(call);
    if (answer.status >= 500) throw invalidAction(call);
    if (answer.status >= 300) return refused(call, answer);
    const afters = handlers.filter(({ after }) => after);
    if (afters.length === 0) return answer;
    const result = resultOf(call, answer);
    for (const { after } of afters) await after?.(call, result);
    return resultAnswer(call, result);
  }

  function failed(call: Call, error: unknown): Answer {
    if (error instanceof AwsError) return errorAnswer(call, error);
    onBug(error, call);
    const message = error instanceof Error ? error.message : String(error);
    return errorAnswer(call, { code: "InternalFailure", message, status: 500 });
  }
}

/** moto answers what it does not know with a page and HTTP 500, which an SDK would retry. */
function invalidAction(call: Call): AwsError {
  return new AwsError("InvalidAction", `The action ${call.action} is not valid for this web service.`);
}

/** Gives moto's refusal the request id and the shape of the service. */
function refused(call: Call, answer: Answer): Answer {
  const error = call.form ? errorOf(answer) : undefined;
  return error ? errorAnswer(call, { ...error, status: answer.status }) : answer;
}
