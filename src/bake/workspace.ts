import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BakeOrder } from "./order.ts";
import { packagePath } from "./package-root.ts";
import type { PackerVersion } from "./packer-version.ts";
import { playbookVariables } from "./playbook-variables.ts";
import { checkArchive, packSource } from "./source-archive.ts";
import { renderTemplate, templateVariables } from "./template.ts";

/** The folder of one bake; everything that a bake writes, but its log, is in it. */
export interface Workspace {
  folder: string;
  template: string;
  templateVariables: string;
  playbookVariables: string;
  archive: string;
  commandFile: string;
  /** What pip reads, where that is not the app itself. */
  requirementsArchive: string;
  /** Is there once the base image is kept. */
  baseKept: string;
  manifest: string;
  /** What Packer prints, as it prints it. */
  output: string;
  /** Packer's and Ansible's own temporary files. */
  temporary: string;
  ansibleHome: string;
  /** Ansible's connections; a short name, since a socket's path must not be long. */
  connections: string;
}

/** Gives `work` a folder that is gone afterwards. Only the own user may read it: Packer keeps the builder's key there. */
export async function inWorkspace<T>(work: (workspace: Workspace) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), "multivac-"));
  const at = (name: string) => path.join(folder, name);
  const workspace = {
    folder,
    template: at("app.pkr.hcl"),
    templateVariables: at("app.pkrvars.json"),
    playbookVariables: at("variables.yml"),
    archive: at("app.tar.gz"),
    commandFile: at("run"),
    requirementsArchive: at("requirements.tar.gz"),
    baseKept: at("base-kept"),
    manifest: at("manifest.json"),
    output: at("output"),
    temporary: at("tmp"),
    ansibleHome: at("ansible"),
    connections: at("cp"),
  };
  try {
    await mkdir(workspace.temporary);
    return await work(workspace);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes everything that Packer and the playbook read; the app is packed while Packer's version is still asked for. */
export async function stage(
  order: BakeOrder,
  version: Promise<PackerVersion>,
  builderLifeMinutes: number,
  workspace: Workspace,
): Promise<void> {
  const read = (file: string) => readFile(packagePath(file), "utf8");
  const [app, since17, plugins] = await Promise.all([
    read("packer/app.pkr.hcl"),
    read("packer/since-1.7.hcl"),
    read("packer/plugins.pkr.hcl"),
  ]);
  const paths = {
    playbook: packagePath(order.base.layered ? "ansible/app.yml" : "ansible/playbook.yml"),
    playbookVariables: workspace.playbookVariables,
    manifest: workspace.manifest,
  };
  const variables = templateVariables(order, paths, builderLifeMinutes);
  const { files, requirementFiles = [], hashed } = order.app;
  const pack = async (packed: readonly string[], archive: string) => {
    await packSource(order.app.path, packed, archive);
    if (hashed) await checkArchive(archive, packed, hashed);
  };
  await Promise.all([
    pack(files, workspace.archive),
    ...(requirementFiles.length ? [pack(requirementFiles, workspace.requirementsArchive)] : []),
    version.then((known) => writeFile(workspace.template, renderTemplate({ app, since17, plugins }, known))),
    writeFile(workspace.templateVariables, JSON.stringify(variables, null, 2)),
    writeFile(
      workspace.playbookVariables,
      playbookVariables(order, workspace.archive, workspace.commandFile, workspace),
    ),
    writeFile(workspace.commandFile, order.app.command ?? ""),
  ]);
}
