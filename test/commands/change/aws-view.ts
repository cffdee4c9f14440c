import { boto } from "../../boto3.ts";
import type { AwsState, TestSandbox } from "../../sandboxes.ts";

/** What AWS holds of hello-test, as boto3 reads it. */
export interface AwsView {
  state: AwsState;
  /** The stack's only thing of a kind. */
  one(kind: string): AwsState[string][number];
  /** Of the launch template version that the group launches from. */
  // biome-ignore lint/suspicious/noExplicitAny: AWS's own answer, as boto3 gives it
  template: any;
  loadBalancer: Record<string, string>;
  targetGroup: Record<string, string>;
  /** The rules in of the security group that plays a part, like `tcp 22 203.0.113.0/24`. */
  ingress(part: string): string[];
  /** The rules out likewise, with ports that differ as `udp 8000-8010 198.51.100.0/24`. */
  egress(part: string): string[];
}

export async function viewOf(aws: TestSandbox): Promise<AwsView> {
  const state = await aws.state();
  const owned = (kind: string) => (state[kind] ?? []).filter(({ tags }) => tags["multivac:name"] === "hello");
  const one = (kind: string) => {
    const [found, more] = owned(kind);
    if (!found || more) throw new Error(`${more ? "more than one" : "no"} ${kind}`);
    return found;
  };
  const { LaunchTemplateId, Version } = one("auto-scaling-group").raw.LaunchTemplate;
  const attributes = (answer: { Attributes: { Key: string; Value: string }[] }) =>
    Object.fromEntries(answer.Attributes.map(({ Key, Value }) => [Key, Value]));
  const [versions, loadBalancer, targetGroup] = await Promise.all([
    boto(aws.env, "ec2", "describe_launch_template_versions", { LaunchTemplateId, Versions: [Version] }),
    boto(aws.env, "elbv2", "describe_load_balancer_attributes", { LoadBalancerArn: one("load-balancer").id }),
    boto(aws.env, "elbv2", "describe_target_group_attributes", { TargetGroupArn: one("target-group").id }),
  ]);
  const group = (part: string) => owned("security-group").find(({ tags }) => tags["multivac:resource"] === part);
  return {
    state,
    one,
    template: versions.LaunchTemplateVersions[0].LaunchTemplateData,
    loadBalancer: attributes(loadBalancer),
    targetGroup: attributes(targetGroup),
    ingress: (part) => rulesOf(group(part)?.raw.IpPermissions),
    egress: (part) => rulesOf(group(part)?.raw.IpPermissionsEgress),
  };
}

interface Rule {
  IpProtocol: string;
  FromPort: number;
  ToPort: number;
  IpRanges: { CidrIp: string }[];
}

function rulesOf(rules: Rule[] = []): string[] {
  return rules
    .flatMap(({ IpProtocol, FromPort, ToPort, IpRanges }) => {
      const ports = FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`;
      return IpRanges.map(({ CidrIp }) => `${IpProtocol} ${ports} ${CidrIp}`);
    })
    .sort();
}
