import { boto } from "./boto3.ts";
import { ofStack, type TestSandbox } from "./sandboxes.ts";

/** Makes an image of hello-test's instance, tagged as a bake of that release would. */
export async function makeImage(aws: TestSandbox, release: string, more: Record<string, string> = {}): Promise<string> {
  const tags = {
    Name: "hello-test",
    "multivac:name": "hello",
    "multivac:environment": "test",
    "multivac:resource": "image",
    "multivac:release": release,
    "multivac:base": aws.baseImageId,
    "multivac:os": "debian-12",
    ...more,
  };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const made = await boto(aws.env, "ec2", "create_image", {
    InstanceId: ofStack(await aws.state(), "hello", "test").instance?.[0],
    Name: `hello-test-${release}`,
    TagSpecifications: ["image", "snapshot"].map((ResourceType) => ({ ResourceType, Tags })),
  });
  return made.ImageId;
}
