import { Failure } from "../failure.ts";
import type { Outcome } from "../output/document.ts";
import { type Part, parts } from "../policy/actions.ts";
import { managedPolicyLimit, type PolicyDocument, sizeOf } from "../policy/document.ts";
import { policyOf } from "../policy/statements.ts";
import type { Subject } from "../policy/subject.ts";
import { type CommonOptions, type Context, openConfigured } from "../session.ts";
import { stackKey } from "../stack.ts";

interface PolicyOptions extends CommonOptions {
  /** The role in the config's instance profile. */
  role?: string;
}

/** The least IAM policies by which the tool works with this config, or the one of a part; AWS is not asked. */
export async function policy(context: Context, options: PolicyOptions, part?: string): Promise<Outcome> {
  const subject = await subjectOf(context, options);
  const document = (one: Part) => fitting(policyOf(subject, one), subject, one);
  const all = () =>
    Object.fromEntries(
      parts.filter((one) => one !== "old-packer").map((one) => [policyName(subject, one), document(one)]),
    );
  return {
    exitCode: 0,
    document: part === undefined ? all() : document(part as Part),
    text: "",
    standalone: true,
  };
}

/** What the policy of a part is called. */
function policyName({ stack }: Subject, part: Part): string {
  return `${stackKey(stack)}-${part}`;
}

async function subjectOf(context: Context, { role }: PolicyOptions): Promise<Subject> {
  const { loaded, stack, aws, sandbox } = await openConfigured(context);
  const { config } = loaded;
  const { instanceProfile } = config.instances;
  const like = instanceProfile?.replace(/^arn:.*:instance-profile\//, "");
  if (like !== undefined && role === undefined) {
    const text = `iam:PassRole is for the role ${like}, as the console names the role of such an instance profile; --role tells another.`;
    context.report({ type: "note", text });
  }
  return { stack, config, region: aws.region, account: sandbox?.account ?? config.accountId, role: role ?? like };
}

function fitting(document: PolicyDocument, subject: Subject, part: Part): PolicyDocument {
  const size = sizeOf(document);
  if (size <= managedPolicyLimit) return document;
  throw new Failure({
    code: "policy-too-long",
    message: `The policy ${policyName(subject, part)} is ${size} characters long; IAM takes ${managedPolicyLimit}.`,
    reason: "It names each subnet of the config, and its key pair and instance profile.",
    fix: "Name fewer subnets, or shorter names.",
  });
}
