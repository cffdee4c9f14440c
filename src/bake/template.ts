import { Failure } from "../failure.ts";
import type { BakeOrder } from "./order.ts";
import { atLeast, type PackerVersion } from "./packer-version.ts";

/** The line of `packer/app.pkr.hcl` that gives way to what only Packer 1.7 and later take. */
const MARK = "  # multivac: since-1.7.hcl\n";

/** The files of `packer/`, as text. */
export interface TemplateSources {
  app: string;
  since17: string;
  plugins: string;
}

/** The Packer template for the version at hand. Everything that differs from bake to bake is a variable. */
export function renderTemplate(sources: TemplateSources, version: PackerVersion): string {
  if (!atLeast(version, 1, 7)) return sources.app.replace(MARK, "");
  return `${sources.plugins}\n${sources.app.replace(MARK, () => sources.since17)}`;
}

/** Paths on this machine that one bake uses. */
export interface BakePaths {
  playbook: string;
  playbookVariables: string;
  manifest: string;
}

/** The values of the template's variables, as they stand in a `.pkrvars.json` file. */
export function templateVariables(order: BakeOrder, paths: BakePaths, builderLifeMinutes: number) {
  const { rootVolume } = order.builder;
  return {
    region: order.region,
    endpoint: order.endpoint ?? "",
    base_image: order.base.imageId,
    image_name: literal(order.imageName),
    instance_type: order.builder.instanceType,
    vpc_id: order.builder.vpcId,
    subnet_id: order.builder.subnetId,
    root_volume: rootVolume ? [{ device: rootVolume.device, size: rootVolume.sizeGiB }] : [],
    public_ip: order.builder.sshInterface === "public_ip",
    ssh_user: order.base.sshUser,
    ssh_from: order.builder.sshFrom,
    tags: Object.fromEntries(Object.entries(order.tags).map((tag) => tag.map(literal))),
    bake_id: order.id,
    poll_seconds: order.endpoint ? 1 : 2,
    builder_user_data: builderUserData(builderLifeMinutes),
    playbook: literal(paths.playbook),
    playbook_variables: literal(paths.playbookVariables),
    manifest: literal(paths.manifest),
  };
}

/** A timer outside the disk, so that it is not baked in; powering off terminates the builder. */
function builderUserData(lifeMinutes: number): string {
  return `#!/bin/sh\nsystemd-run --unit=multivac-builder-limit --on-active=${lifeMinutes}min systemctl poweroff\n`;
}

/** Packer puts a string through its own template language until nothing changes any more: there is no way to escape it. */
function literal(text: string): string {
  if (!text.includes("{{")) return text;
  throw new Failure({
    code: "packer-refuses-braces",
    message: `Packer would take the "{{" in ${JSON.stringify(text)} for its own template language.`,
    reason: "Tags and folder names go into its template as they are.",
    fix: 'Leave "{{" out of tags and of folder names.',
  });
}
