/** What one name and environment own in one AWS account and region. */
export interface Stack {
  name: string;
  environment: string;
}

/** `<name>-<environment>`, the beginning of every name on AWS. */
export function stackKey({ name, environment }: Stack): string {
  return `${name}-${environment}`;
}

/** The name of the launch template that is the stack's lock; no stack can have a key with a slash. */
export function lockName(stack: Stack): string {
  return `${stackKey(stack)}/lock`;
}

export type Tags = Readonly<Record<string, string>>;

/** The tags that make a resource the stack's. `resource` is the part it plays. */
export function ownTags(stack: Stack, resource: string): Record<string, string> {
  return {
    Name: stackKey(stack),
    "multivac:name": stack.name,
    "multivac:environment": stack.environment,
    "multivac:resource": resource,
  };
}

/** Whether a tag is multivac's to set; all others are the user's. */
export function isOwnKey(key: string): boolean {
  return key === "Name" || key.startsWith("multivac:");
}

/** Whether tags say that something is the stack's. Nothing else is ever changed or deleted. */
export function isOwned(stack: Stack, tags: Tags): boolean {
  return tags["multivac:name"] === stack.name && tags["multivac:environment"] === stack.environment;
}
