/** An identity-based IAM policy (IAM user guide, "IAM JSON policy element reference"). */
export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

export interface Statement {
  /** Letters and digits, another in each statement. */
  Sid: string;
  Effect: "Allow";
  Action: string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** How many characters a managed policy may have, white space not counted (IAM user guide, "IAM and AWS STS quotas"). */
export const managedPolicyLimit = 6144;

export function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

/** Text as a policy has it where it is a pattern: `*`, `?` and `$` stand for themselves. */
export function literal(text: string): string {
  return text.replace(/[*?$]/g, (each) => `\${${each}}`);
}
