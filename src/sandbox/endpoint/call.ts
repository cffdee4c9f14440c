import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Fate } from "./faults/fate.ts";

/** One request to AWS as the handlers see it. */
export interface Call {
  requestId: string;
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The access key of its signature; empty where it has none. */
  accessKey: string;
  /** The service's name in the credential scope, like `elasticloadbalancing`. */
  service: string;
  region: string;
  action: string;
  /** The Query protocol's parameters; handlers may change them before moto sees them. Undefined for other protocols. */
  form: URLSearchParams | undefined;
  /** What shall become of what the call begins, where that is not the usual. */
  fate?: Fate | undefined;
}

export interface RawRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Elastic Load Balancing's two generations share a scope and differ in their API version. */
const classicLoadBalancing = "2012-06-01";

/** Reads service and region from the signature's scope and the action from where the protocol carries it. */
export function readCall(request: RawRequest): Call {
  const form = readForm(request);
  const scope = /Credential=([^/,]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization(request));
  const target = request.headers["x-amz-target"];
  const action = form?.get("Action") ?? (typeof target === "string" ? target.split(".").at(-1) : undefined);
  const classic = form?.get("Version") === classicLoadBalancing;
  return {
    requestId: randomUUID(),
    ...request,
    accessKey: scope?.[1] ?? "",
    service: classic ? "elasticloadbalancing-classic" : (scope?.[3] ?? "sts"),
    region: scope?.[2] ?? "us-east-1",
    action: action ?? `${request.method} ${request.path}`,
    form: form?.has("Action") ? form : undefined,
  };
}

function authorization({ headers, path }: RawRequest): string {
  const presigned = new URL(path, "http://endpoint").searchParams.get("X-Amz-Credential");
  return headers.authorization ?? (presigned ? `Credential=${presigned}` : "");
}

function readForm({ method, path, headers, body }: RawRequest): URLSearchParams | undefined {
  if (method === "GET") return new URL(path, "http://endpoint").searchParams;
  if (!headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return undefined;
  return new URLSearchParams(body.toString("utf8"));
}

/** True for an action that changes something at AWS, judged by its verb as AWS's own policies do. */
export function isChanging(action: string): boolean {
  return !/^(Describe|Get|List|Lookup|Search|BatchGet|Assume|Decode)/.test(action);
}
