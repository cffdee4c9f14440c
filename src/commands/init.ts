import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { explainAll } from "../aws/explain.ts";
import { loadEveryConfig } from "../config/load.ts";
import type { InitDocument } from "../documents.ts";
import { Failure } from "../failure.ts";
import { bringUp } from "../init/bring-up.ts";
import { type ChosenApp, callOf, chooseApp } from "../init/choose-app.ts";
import { chooseNetwork } from "../init/choose-network.ts";
import { checkConfig, configOf } from "../init/config.ts";
import { githubWorkflows } from "../init/github.ts";
import { inSandbox } from "../init/in-sandbox.ts";
import { proposedName, wrongName } from "../init/name.ts";
import type { InitOptions } from "../init/options.ts";
import { surveyProject } from "../init/project.ts";
import { answeredNo, type Questions, questionsFor } from "../init/questions.ts";
import { fileExists, type NewFile, standing, starter, writeFiles } from "../init/write.ts";
import type { Outcome } from "../output/document.ts";
import type { Report } from "../progress.ts";
import { type CommonOptions, type Context, openAccount, type Session, shownPath } from "../session.ts";
import { commandLine } from "./hint.ts";

/** Writes a config from what is found in this folder and on AWS, and from what the person answers. */
export async function init(context: Context, options: InitOptions): Promise<Outcome<InitDocument>> {
  const file = path.resolve(options.config ?? "config.json");
  const questions = await questionsFor(context);
  if (options.github && existsSync(file)) return await addPipelines(context, options, file, questions);
  await mayReplace(file, options, questions);

  const project = await surveyProject(appFolder(file, options));
  const chosen = await chooseApp(project, options, questions);
  const name = options.name ?? (await questions.text("The stack's name", proposedName(project), wrongName));
  const opener = accountOpener(context, questions);
  const network = await chooseNetwork(options, questions, async () => (await opener.open()).aws);
  const { aws, sandbox } = opener.opened() ?? {};
  const { accountId, ...untold } = await accountOf(opener.opened());

  const app = await bringUp(file, project, chosen, options);
  const brought = sandbox ? await inSandbox(app, sandbox, againOnAws(context)) : app;
  const environment = options.environment ?? "dev";
  const region = options.region ?? aws?.region ?? process.env.AWS_REGION;
  const config = configOf(file, { ...brought, name, environment, region, accountId, network });
  const place = { config: file, region, environment, environments: [], account: accountId };
  const pipelines = options.github ? await githubWorkflows(place) : { files: [], notes: [] };
  const writing = [...brought.files, ...pipelines.files, { file, text: `${JSON.stringify(config, null, 2)}\n` }];
  const written = writing.map((each) => each.file);
  await checkConfig(file, config, written);
  const notes = [...brought.notes, ...(untold.note ? [untold.note] : []), ...pipelines.notes];
  for (const note of notes) questions.say(note, "warning");
  await mayWrite(writing, options, questions);
  context.stop.throwIfAborted();
  await writeFiles(writing);
  questions.end();

  return {
    exitCode: 0,
    document: {
      stack: { name, environment, region: region ?? null, account: sandbox?.account ?? accountId ?? null },
      written: written.map(shownPath),
      app: about(chosen),
      config,
      notes,
    },
    text: [
      `Written: ${written.map(shownPath).join(", ")}. The stack is ${name}-${environment}${region ? ` in ${region}` : ""}.`,
      `Deploy it with: ${commandLine("deploy", { options: toSameConfig(context.options) })}`,
    ].join("\n"),
  };
}

/** Writes workflows beside a config that is there and stays as it is. */
async function addPipelines(
  context: Context,
  options: InitOptions,
  file: string,
  questions: Questions,
): Promise<Outcome<InitDocument>> {
  const [{ config }, ...others] = await loadEveryConfig(file, options);
  const environments = others.map((other) => other.config.environment);
  const region = options.region ?? config.region ?? process.env.AWS_REGION;
  const { name, environment, accountId: account } = config;
  const { files, notes } = await githubWorkflows({ config: file, region, environment, environments, account });
  for (const note of notes) questions.say(note, "warning");
  await mayWrite(files, options, questions);
  context.stop.throwIfAborted();
  await writeFiles(files);
  questions.end();
  const written = files.map((each) => shownPath(each.file));
  return {
    exitCode: 0,
    document: { stack: { name, environment, region: region ?? null, account: account ?? null }, written, notes },
    text: `Written: ${written.join(", ")}.`,
  };
}

/** The folder where the app is looked for: --app, from here, else the config's own. */
function appFolder(file: string, { app }: InitOptions): string {
  const folder = app === undefined ? path.dirname(file) : path.resolve(app);
  if (existsSync(folder) && statSync(folder).isDirectory()) return folder;
  throw new Failure({
    code: "wrong-call",
    message: `There is no folder ${folder}.`,
    reason: "The app is looked for there.",
    fix: "Name the app's folder with --app FOLDER, and where the config goes with --config FILE.",
  });
}

/** Opens the account, and the sandbox, when it is asked for the first time; asks for the region where none is set. */
function accountOpener(context: Context, questions: Questions) {
  let session: Pick<Session, "aws" | "sandbox" | "caller"> | undefined;
  const report: Report = (event) => (event.type === "note" ? questions.say(event.text) : context.report(event));
  const telling = { ...context, report };
  return {
    opened: () => session,
    async open() {
      try {
        session ??= await openAccount(telling);
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== "no-region" || !questions.asks) throw error;
        const { configSchema } = await import("../config/schema.ts");
        const region = await questions.text("The AWS region", undefined, (text) =>
          configSchema.shape.region.safeParse(text).success && text ? undefined : "An AWS region, like ap-southeast-2",
        );
        session = await openAccount(telling, region);
      }
      return session;
    },
  };
}

/** The account's 12 digits; where AWS is not asked for the network it is not asked for this either. */
async function accountOf(
  opened: Pick<Session, "sandbox" | "caller"> | undefined,
): Promise<{ accountId?: string; note?: string }> {
  if (!opened || opened.sandbox) return {};
  try {
    return { accountId: (await opened.caller()).account };
  } catch (error) {
    const [why] = explainAll(error);
    if (!(why instanceof Failure)) throw error;
    return { note: `The config has no accountId, which would keep it to one account. ${why.message}` };
  }
}

/** What to type for a config that AWS takes, with the same answers. */
function againOnAws({ options }: Context): string {
  return `${commandLine("init", { options: { ...toSameConfig(options), sandbox: false } })} --force`;
}

/** The options that lead to the config that is written; what it says itself is not told again. */
function toSameConfig({ config, profile, sandbox }: CommonOptions): CommonOptions {
  return { ...(config ? { config } : {}), ...(profile ? { profile } : {}), ...(sandbox ? { sandbox } : {}) };
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

function about(chosen: ChosenApp): InitDocument["app"] {
  if (chosen === "starter") return { framework: "Flask", where: "the starter app", call: starter.module };
  const { framework, where } = chosen;
  return { framework, where, call: callOf(chosen) };
}
