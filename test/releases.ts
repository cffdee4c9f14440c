import { boto } from "./boto3.ts";
import { eventually } from "./eventually.ts";
import { ofStack, type TestSandbox } from "./sandboxes.ts";

type Tags = Record<string, string>;

/** Makes an image of hello-test's instance, tagged as a bake of that release would. */
export async function makeImage(aws: TestSandbox, release: string, more: Tags = {}): Promise<string> {
  const part = { "multivac:resource": "image", "multivac:release": release };
  return await make(aws, `hello-test-${release}`, { ...part, ...more });
}

/** Makes an image of hello-test's instance, tagged as the bake that keeps that layer would. */
export async function makeBaseImage(aws: TestSandbox, layer: string, more: Tags = {}): Promise<string> {
  const part = { "multivac:resource": "base-image", "multivac:layer": layer };
  return await make(aws, `hello-test-base-${layer}`, { ...part, ...more });
}

async function make(aws: TestSandbox, Name: string, more: Tags): Promise<string> {
  const tags = {
    Name: "hello-test",
    "multivac:name": "hello",
    "multivac:environment": "test",
    "multivac:base": aws.baseImageId,
    "multivac:os": "debian-12",
    ...more,
  };
  const tagsFor = (ResourceType: string) => ({
    ResourceType,
    Tags: Object.entries({ ...tags, ...(ResourceType === "snapshot" ? { "multivac:resource": "snapshot" } : {}) }).map(
      ([Key, Value]) => ({ Key, Value }),
    ),
  });
  const made = await boto(aws.env, "ec2", "create_image", {
    InstanceId: await eventually(async () => ofStack(await aws.state(), "hello", "test").instance?.[0]),
    Name,
    TagSpecifications: ["image", "snapshot"].map(tagsFor),
  });
  return made.ImageId;
}
