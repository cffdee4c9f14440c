import type { AwsError } from "./aws-error.ts";
import type { Call } from "./call.ts";
import { buildXml, type Element, element, type ListTag, parseXml, text } from "./xml.ts";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

interface Protocol {
  namespace: string;
  listTag: ListTag;
}

const ec2: Protocol = { namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", listTag: "item" };
const query: Record<string, Protocol> = {
  autoscaling: { namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/", listTag: "member" },
  elasticloadbalancing: {
    namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    listTag: "member",
  },
};
const otherQuery: Protocol = { namespace: "https://aws.amazon.com/", listTag: "member" };

/** A success, in the shape of the call's service. EC2 answers a call without a result with `return`. */
export function resultAnswer(call: Call, result: Element | undefined): Answer {
  if (isJson(call)) return jsonAnswer(call, 200, result ?? {});
  const root = `${call.action}Response`;
  if (call.service === "ec2") {
    const content = { requestId: call.requestId, ...(result ?? { return: true }) };
    return xmlAnswer(call, 200, buildXml(root, ec2.namespace, content, ec2.listTag));
  }
  const { namespace, listTag } = query[call.service] ?? otherQuery;
  const content = {
    ...(result ? { [`${call.action}Result`]: result } : {}),
    ResponseMetadata: { RequestId: call.requestId },
  };
  return xmlAnswer(call, 200, buildXml(root, namespace, content, listTag));
}

/** A failure, in the shape of the call's protocol. */
export function errorAnswer(call: Call, error: Pick<AwsError, "code" | "message" | "status">): Answer {
  const { code, message, status } = error;
  if (isJson(call)) return jsonAnswer(call, status, { __type: code, message });
  if (call.service === "ec2") {
    const content = { Errors: { Error: { Code: code, Message: message } }, RequestID: call.requestId };
    return xmlAnswer(call, status, buildXml("Response", ec2.namespace, content, ec2.listTag));
  }
  const { namespace, listTag } = query[call.service] ?? otherQuery;
  const content = {
    Error: { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message },
    RequestId: call.requestId,
  };
  return xmlAnswer(call, status, buildXml("ErrorResponse", namespace, content, listTag));
}

/** What a successful answer of moto carries, without the protocol's wrapping. */
export function resultOf(call: Call, answer: Answer): Element {
  const { content } = parseXml(answer.body.toString());
  if (call.service === "ec2") {
    const { requestId: _, ...result } = content;
    return result;
  }
  return element(content[`${call.action}Result`]);
}

/** Code and message of an answer that is no success; undefined for a page that no AWS service would send. */
export function errorOf(answer: Answer): { code: string; message: string } | undefined {
  const body = answer.body.toString();
  if (!body.startsWith("<?xml") && !body.startsWith("<Err") && !body.startsWith("<Resp")) return undefined;
  const { content } = parseXml(body);
  const error = element(element(content.Errors).Error ?? content.Error);
  return { code: text(error.Code), message: text(error.Message) };
}

function isJson({ form, headers }: Call): boolean {
  return !form && headers["x-amz-target"] !== undefined;
}

function jsonAnswer(call: Call, status: number, content: Element): Answer {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": call.requestId };
  return { status, headers, body: JSON.stringify(content) };
}

function xmlAnswer(call: Call, status: number, body: string): Answer {
  return { status, headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": call.requestId }, body };
}
