import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Failure } from "../failure.ts";
import { type ChosenApp, callOf, chooseApp } from "../init/choose-app.ts";
import { chooseNetwork } from "../init/choose-network.ts";
import { checkConfig, configOf } from "../init/config.ts";
import { type Launch, launchOf } from "../init/launch.ts";
import { proposedName, wrongName } from "../init/name.ts";
import type { InitOptions } from "../init/options.ts";
import { type Project, surveyProject } from "../init/project.ts";
import { pythonNeed } from "../init/python/version.ts";
import { type Questions, questionsFor } from "../init/questions.ts";
import { systemFor } from "../init/system.ts";
import { fileExists, type NewFile, standing, starter, starterFiles, writeFiles } from "../init/write.ts";
import type { Outcome } from "../output/document.ts";
import { type Context, openAccount, type Session, shownPath } from "../session.ts";
import { commandLine } from "./hint.ts";

/** Writes a config from what is found in this folder and on AWS, and from what the person answers. */
export async function init(context: Context, options: InitOptions): Promise<Outcome> {
  const file = path.resolve(options.config ?? "config.json");
  const questions = await questionsFor(context);
  await mayReplace(file, options, questions);

  const project = await surveyProject(appFolder(file, options));
  const chosen = await chooseApp(project, options, questions);
  const { launch, files, notes } = await bringUp(project, chosen, options);
  const app = { ...launch.app, path: relativeTo(file, path.join(project.root, launch.app.path)) };
  const name = options.name ?? (await questions.text("The stack's name", proposedName(project), wrongName));

  const account = accountOpener(context, questions);
  const network = await chooseNetwork(options, questions, async () => (await account.open()).aws);
  const session = account.opened();
  const system = systemFor(pythonNeed(project, app.path === "." ? "" : launch.app.path, launch.needs));
  let os = options.os ?? (system.os === "amazon-linux-2023" ? undefined : system.os);
  if (!options.os && system.note) notes.push(system.note);
  const packages = options.packages ?? app.packages ?? [];
  if (session?.sandbox) {
    notes.push(...sandboxNotes(context));
    const debian = session.sandbox.machines ? await withoutIndex(launch) : undefined;
    if (debian) {
      os = options.os ?? "debian-12";
      packages.push(...debian.packages.filter((each) => !packages.includes(each)));
      notes.push(debian.note);
    }
  }

  const answers = {
    name,
    environment: options.environment ?? "dev",
    region: options.region ?? session?.aws.region ?? process.env.AWS_REGION,
    app: { ...app, ...(packages.length > 0 ? { packages } : {}) },
    os,
    network,
    healthPath: options.healthPath ?? (chosen === "starter" ? undefined : chosen.healthPath),
  };
  const config = configOf(file, answers);
  const writing = [...files, { file, text: `${JSON.stringify(config, null, 2)}\n` }];
  await checkConfig(
    file,
    config,
    writing.map((each) => each.file),
  );
  for (const note of notes) questions.say(note, "warning");
  await mayWrite(writing, options, questions);
  context.stop.throwIfAborted();
  await writeFiles(writing);

  const { environment, region } = answers;
  return {
    exitCode: 0,
    document: {
      stack: { name, environment, region: region ?? null, account: session?.sandbox?.account ?? null },
      written: writing.map((each) => shownPath(each.file)),
      app: about(chosen),
      config,
      notes,
    },
    text: resultText(context, { name, environment, region, writing }),
  };
}

/** The folder where the app is looked for: --app, from here, else the config's own. */
function appFolder(file: string, { app }: InitOptions): string {
  const folder = app === undefined ? path.dirname(file) : path.resolve(app);
  if (existsSync(folder) && statSync(folder).isDirectory()) return folder;
  throw new Failure({
    code: "wrong-call",
    message: `There is no folder ${folder}.`,
    fix: "Name the app's folder with --app FOLDER, and where the config goes with --config FILE.",
  });
}

/** How the chosen app is put into the config, and the files that are written for it. */
async function bringUp(
  project: Project,
  chosen: ChosenApp,
  options: InitOptions,
): Promise<{ launch: Launch; files: NewFile[]; notes: string[] }> {
  if (chosen === "starter") {
    const folder = options.app === undefined ? "app" : ".";
    const { module, requirements } = starter;
    const app = { path: folder, module, requirements };
    const files = await starterFiles(path.join(project.root, folder));
    return { launch: { app, needs: new Map([["flask", "flask"]]), notes: [] }, files, notes: [] };
  }
  const launch = launchOf(project, chosen, options);
  const { write } = launch;
  const files = write ? [{ file: path.join(project.root, write.file), text: write.text }] : [];
  return { launch, files, notes: [...chosen.notes, ...launch.notes] };
}

/** Opens the account when it is asked for the first time; asks for the region where none is set. */
function accountOpener(context: Context, questions: Questions) {
  let session: Pick<Session, "aws" | "sandbox"> | undefined;
  return {
    opened: () => session,
    async open() {
      try {
        session ??= await openAccount(context);
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== "no-region" || !questions.asks) throw error;
        const { configSchema } = await import("../config/schema.ts");
        const region = await questions.text("The AWS region", undefined, (text) =>
          configSchema.shape.region.safeParse(text).success && text ? undefined : "An AWS region, like ap-southeast-2",
        );
        session = await openAccount(context, region);
      }
      return session;
    },
  };
}

function sandboxNotes(context: Context): string[] {
  const again = commandLine("init --force", { options: { ...context.options, sandbox: false } });
  return [`network holds the sandbox's own ids, which --sandbox takes anyway. For AWS write it anew: ${again}`];
}

/** Debian's packages in place of those that no package index brings here. */
async function withoutIndex({ needs }: Launch): Promise<{ packages: string[]; note: string } | undefined> {
  const { packagesWithoutIndex } = await import("../init/debian-packages.ts");
  const found = await packagesWithoutIndex(needs);
  if (!found) return undefined;
  const { packages, missing } = found;
  const lacks = missing.length > 0 ? ` Debian has nothing for ${missing.join(", ")}: the bake will fail on it.` : "";
  return {
    packages,
    note: `No Python package index can be reached from here, so Debian's packages are taken: ${packages.join(", ") || "none"}.${lacks}`,
  };
}

/** Refuses, or asks, before an existing config is worked on. */
async function mayReplace(file: string, { force }: InitOptions, questions: Questions): Promise<void> {
  const old = await readFile(file).catch(() => undefined);
  if (old === undefined || force) return;
  if (!questions.asks) throw fileExists([file]);
  const yes = await questions.confirm(`${shownPath(file)} is there already. Replace all of it?`, false);
  if (!yes) throw answeredNo();
}

/** Shows what is going to be written, and asks. */
async function mayWrite(
  writing: readonly NewFile[],
  { force, config }: InitOptions,
  questions: Questions,
): Promise<void> {
  const main = path.resolve(config ?? "config.json");
  const replaced = (await standing(writing)).filter((file) => file !== main);
  if (replaced.length > 0 && !force && !questions.asks) throw fileExists(replaced);
  for (const { file, text } of writing) questions.show(shownPath(file), text.trimEnd());
  const names = writing.map(({ file }) => shownPath(file)).join(", ");
  const over = replaced.length > 0 ? `, replacing ${replaced.map(shownPath).join(", ")}` : "";
  if (!(await questions.confirm(`Write ${names}${over}?`, true))) throw answeredNo();
}

function answeredNo(): Failure {
  return new Failure({ code: "answered-no", message: "Nothing was written." });
}

function about(chosen: ChosenApp): object {
  if (chosen === "starter") return { framework: "Flask", where: "the starter app" };
  const { framework, where } = chosen;
  return { framework, where, call: callOf(chosen) };
}

/** A folder as a config names it. */
function relativeTo(file: string, folder: string): string {
  return path.relative(path.dirname(file), folder).split(path.sep).join("/") || ".";
}

function resultText(
  context: Context,
  {
    name,
    environment,
    region,
    writing,
  }: { name: string; environment: string; region: string | undefined; writing: readonly NewFile[] },
): string {
  const files = writing.map(({ file }) => shownPath(file));
  const { config, profile, sandbox } = context.options;
  const next = commandLine("deploy", {
    options: { ...(config ? { config } : {}), ...(profile ? { profile } : {}), ...(sandbox ? { sandbox } : {}) },
  });
  return [
    `Written: ${files.join(", ")}. The stack is ${name}-${environment}${region ? ` in ${region}` : ""}.`,
    `Deploy it with: ${next}`,
  ].join("\n");
}
