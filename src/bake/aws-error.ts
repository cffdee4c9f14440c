import type { Said } from "../aws/causes.ts";

/** AWS's error within a message of Packer, as its SDK for Go writes it, version 2 and version 1; undefined without one. */
export function readAwsError(text: string): (Said & { requestId: string | undefined }) | undefined {
  const second =
    /operation error (?<service>[^:]+): (?<operation>\w+),.*?RequestID: (?<requestId>[\w-]+),.*?(?:api error )?(?<name>[A-Z][\w.]+): (?<message>.*)/s;
  const first =
    /(?<name>[A-Z][a-z]+(?:[A-Z][\w.]*)?): (?<message>.*?)\s+status code: \d+, request id: (?<requestId>[\w-]+)/s;
  const found = (second.exec(text) ?? first.exec(text))?.groups;
  if (!found?.name) return undefined;
  const { name, message = "", service, operation, requestId } = found;
  const action = service && operation ? `${service.trim().toLowerCase()}:${operation}` : undefined;
  return { name, message: message.trim(), action, requestId, toPacker: true };
}
