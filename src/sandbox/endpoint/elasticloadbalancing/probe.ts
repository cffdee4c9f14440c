import { get } from "node:http";
import type { HealthAnswer } from "../settings.ts";

interface ProbeRequest {
  /** The instance behind the target. */
  id: string;
  address: string;
  port: number;
  path: string;
  timeoutSeconds: number;
}

/** Asks a target how it is. Never fails: no answer is an answer too. */
export type Probe = (request: ProbeRequest) => Promise<HealthAnswer>;

/** Sends a real health check, as Elastic Load Balancing does: the whole answer must arrive in time. */
export const probeHttp: Probe = ({ address, port, path, timeoutSeconds }) =>
  new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const headers = { host: `${address}:${port}`, "user-agent": "ELB-HealthChecker/2.0", connection: "close" };
    const request = get({ host: address, port, path, headers, signal, agent: false }, (response) => {
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", () => resolve(signal.aborted ? "timeout" : "refused"));
      response.resume();
    });
    request.once("error", () => resolve(signal.aborted ? "timeout" : "refused"));
  });
