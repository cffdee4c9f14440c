import { randomUUID } from "node:crypto";
import { errorOf, resultOf } from "./answer.ts";
import { AwsError } from "./aws-error.ts";
import type { Call } from "./call.ts";
import type { Moto } from "./moto.ts";
import type { Element } from "./xml.ts";

/** Reads from moto in AWS's own XML names, to be changed and passed on. */
export type MotoRead = (service: string, action: string, parameters: Record<string, string>) => Promise<Element>;

const versions: Record<string, string> = { ec2: "2016-11-15", elasticloadbalancing: "2015-12-01" };

export function createMotoRead(moto: Moto, region: string): MotoRead {
  return async (service, action, parameters) => {
    const call: Call = {
      requestId: randomUUID(),
      method: "POST",
      path: "/",
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      },
      body: Buffer.alloc(0),
      accessKey: "endpoint",
      service,
      region,
      action,
      form: new URLSearchParams({ Action: action, Version: versions[service] ?? "", ...parameters }),
    };
    const answer = await moto.forward(call);
    if (answer.status < 300) return resultOf(call, answer);
    const { code, message } = errorOf(answer) ?? { code: "InternalFailure", message: answer.body.toString() };
    throw new AwsError(code, message, Math.min(answer.status, 499));
  };
}
