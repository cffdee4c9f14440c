import { AwsError } from "../aws-error.ts";
import type { Handler } from "../handler.ts";
import { type Parameters, parametersOf } from "../parameters.ts";

/** What each call can tag as it makes it (EC2 API reference, `TagSpecifications` of each). Others are not checked. */
const taggable: Readonly<Record<string, readonly string[]>> = {
  AuthorizeSecurityGroupEgress: ["security-group-rule"],
  AuthorizeSecurityGroupIngress: ["security-group-rule"],
  CreateImage: ["image", "snapshot"],
  CreateKeyPair: ["key-pair"],
  CreateLaunchTemplate: ["launch-template"],
  CreateNetworkInterface: ["network-interface"],
  CreateSecurityGroup: ["security-group"],
  CreateSnapshot: ["snapshot"],
  CreateVolume: ["volume"],
  ImportKeyPair: ["key-pair"],
  RegisterImage: ["image", "snapshot"],
  RunInstances: ["instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"],
};

/** EC2's rules for the tags of what a call makes, which moto takes however they are. */
export const tagsAtCreation: Handler = {
  service: "ec2",
  action: Object.keys(taggable),
  before(call) {
    const types = new Set<string>();
    for (const specification of parametersOf(call).groups("TagSpecification")) {
      const type = specification.text("ResourceType");
      if (!taggable[call.action]?.includes(type))
        throw invalid(`'${type}' is not a valid taggable resource type for this operation.`);
      if (types.has(type)) throw invalid(`The resource type '${type}' is specified more than once.`);
      types.add(type);
      checkTags(specification.groups("Tag"));
    }
  },
};

/** EC2 user guide, "Tag restrictions". */
function checkTags(tags: readonly Parameters[]): void {
  const keys = tags.map((tag) => tag.text("Key"));
  if (keys.length > 50)
    throw new AwsError("TagLimitExceeded", "The maximum number of tags of a resource has been reached.");
  if (new Set(keys).size < keys.length) throw invalid("Duplicate tag keys were specified.");
  for (const [index, key] of keys.entries()) {
    const value = tags[index]?.optional("Value") ?? "";
    if (key.startsWith("aws:")) throw invalid(`Tag keys starting with 'aws:' are reserved for internal use`);
    if (key.length === 0 || key.length > 128) throw invalid(`Tag key '${key}' exceeds the maximum length of 128.`);
    if (value.length > 256) throw invalid(`The value of the tag '${key}' exceeds the maximum length of 256.`);
  }
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}
