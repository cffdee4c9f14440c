import { Failure, sameCommand } from "../failure.ts";
import { causeOf } from "./causes.ts";
import { type AwsError, aboutCredentials } from "./origin.ts";

/** Turns an error of the AWS SDK or of the way to it into a `Failure`; anything else comes back as it is. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Failure) return error;
  const { awsAction: action, awsLogIn: logIn, $metadata = {}, message } = error as AwsError;
  const { httpStatusCode: status, attempts = 1, requestId } = $metadata;
  // What stands before AWS answers with a page that has no code.
  const name = status === 429 ? "TooManyRequests" : error.name;
  if (!action && !aboutCredentials.test(name)) return error;
  const cause = causeOf({ name, message, action, logIn }) ?? unknownCause(action, status);
  const said = error.name.startsWith("Unknown") ? `HTTP ${status}` : `${error.name}: ${message}`;
  return new Failure({
    ...cause,
    reason: `${cause.reason ?? said}${attempts > 1 ? ` (after ${attempts} attempts)` : ""}`,
    action,
    requestId,
    cause: error,
  });
}

/** Where AWS's code tells nothing: what its HTTP status does. */
function unknownCause(
  action: string | undefined,
  status: number | undefined,
): { code: string; message: string; reason?: string; fix: string } {
  if (status === undefined) {
    return {
      code: "aws-unreachable",
      message: `AWS could not be reached for ${action}.`,
      fix: `Check the network and the endpoint, then run again: ${sameCommand}`,
    };
  }
  if (status >= 500) {
    return {
      code: "aws-failed",
      message: `AWS could not do ${action}, by a fault of its own.`,
      fix: `See whether AWS tells of an outage (https://health.aws.amazon.com/health/status). Wait a minute, then run again: ${sameCommand}`,
    };
  }
  return {
    code: "aws-refused",
    message: `AWS refused ${action}.`,
    fix: `Mend what AWS names, then go on from where it is: ${sameCommand}`,
  };
}

/** What went wrong, explained: several where several things failed side by side, and each of them once. */
export function explainAll(error: unknown): unknown[] {
  const told = new Set<string>();
  return explainEach(error).filter((each) => {
    if (!(each instanceof Failure)) return true;
    const key = JSON.stringify([each.code, each.message, each.reason]);
    return !told.has(key) && told.add(key);
  });
}

function explainEach(error: unknown): unknown[] {
  const explained = explain(error);
  // Node reports a host with several addresses that all refuse as an AggregateError of its own.
  if (explained instanceof Failure || !(error instanceof AggregateError)) return [explained];
  return error.errors.flatMap(explainEach);
}
