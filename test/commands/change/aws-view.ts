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
  return {
    state,
    one,
    template: versions.LaunchTemplateVersions[0].LaunchTemplateData,
    loadBalancer: attributes(loadBalancer),
    targetGroup: attributes(targetGroup),
    ingress(part) {
      const group = owned("security-group").find(({ tags }) => tags["multivac:resource"] === part);
      return (group?.raw.IpPermissions ?? [])
        .flatMap((rule: { IpProtocol: string; FromPort: number; IpRanges: { CidrIp: string }[] }) =>
          rule.IpRanges.map(({ CidrIp }) => `${rule.IpProtocol} ${rule.FromPort} ${CidrIp}`),
        )
        .sort();
    },
  };
}
