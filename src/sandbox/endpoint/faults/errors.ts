import type { Answer } from "../answer.ts";
import { errorAnswer } from "../answer.ts";
import { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";

/**
 * Throttled by the service (EC2 API reference, "Error codes": 503; "Common errors" of the Query services: 400), or with
 * a status by whatever stands before it, which answers a plain page.
 */
export function throttled(call: Call, status: 429 | 503 | undefined): Answer {
  if (status) return page(status, status === 429 ? "Too Many Requests" : "Service Unavailable");
  const error =
    call.service === "ec2"
      ? new AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
      : new AwsError(call.form ? "Throttling" : "ThrottlingException", "Rate exceeded");
  return errorAnswer(call, error);
}

/** A failure of AWS's own: the service's words with 500, a page of what stands before it with another status. */
export function serverError(call: Call, status: 500 | 502 | 503 | 504 = 500): Answer {
  if (status !== 500) return page(status, pages[status]);
  const error =
    call.service === "ec2"
      ? new AwsError("InternalError", "An internal error has occurred", 500)
      : new AwsError(
          "InternalFailure",
          "The request processing has failed because of an unknown error, exception or failure.",
          500,
        );
  return errorAnswer(call, error);
}

/** The credentials were good, and are not any more. */
export function expired({ service }: Call): AwsError {
  return service === "ec2"
    ? new AwsError("RequestExpired", "Request has expired.")
    : new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
}

/** No room for an instance; EC2 answers it as a failure of its own, with 500. */
export function noCapacity(instanceType: string, zone: string, others: readonly string[]): AwsError {
  const elsewhere = others.length > 0 ? ` or choosing ${others.join(", ")}` : "";
  return new AwsError(
    "InsufficientInstanceCapacity",
    `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}). Our system will be working on provisioning additional capacity. You can currently get ${instanceType} capacity by not specifying an Availability Zone in your request${elsewhere}.`,
    500,
  );
}

const pages = { 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout" } as const;

function page(status: number, text: string): Answer {
  const title = `${status} ${text}`;
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, headers: { "content-type": "text/html" }, body };
}
