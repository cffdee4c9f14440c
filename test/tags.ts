/** Tags as EC2 and Elastic Load Balancing take them. */
function tagList(tags: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** The tags that make something a part of hello-test. */
export function ownTags(resource: string): { Key: string; Value: string }[] {
  return tagList({ "multivac:name": "hello", "multivac:environment": "test", "multivac:resource": resource });
}
