import { DeleteLaunchTemplateVersionsCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../aws/aws.ts";
import { remove } from "../engine/remove.ts";
import type { Run } from "../engine/run.ts";
import { readGroup } from "../resources/auto-scaling-group-live.ts";
import { type ImageLive, image } from "../resources/image.ts";
import type { LaunchTemplateLive } from "../resources/launch-template.ts";
import type { Stack } from "../stack.ts";

/**
 * Takes away what a failed release has left: the launch template's newest version, so that the newest is again the one
 * that serves, and the image, where this deploy baked it. What the group uses stays.
 */
export async function discardRelease(
  run: Run,
  stack: Stack,
  { template, group, baked }: { template: LaunchTemplateLive; group: string; baked: ImageLive | undefined },
): Promise<void> {
  const live = await readGroup(run.aws, group);
  if (!live || live.launchTemplateVersion === template.version) return;
  await deleteVersion(run.aws, template);
  if (baked) await remove(image, baked, { ...run, stack, gently: true });
}

async function deleteVersion({ ec2 }: Aws, { id, version }: LaunchTemplateLive): Promise<void> {
  await ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }));
}
