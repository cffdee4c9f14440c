import path from "node:path";
import { Failure, sameCommand } from "../failure.ts";
import type { Candidate } from "./detect/candidate.ts";
import { detectApps, lookedFor, otherLanguage } from "./detect/index.ts";
import type { InitOptions } from "./options.ts";
import type { Project } from "./project.ts";
import { madeWhenRun } from "./python/apps.ts";
import { isImportable } from "./python/packages.ts";
import type { Questions } from "./questions.ts";

/** The app that is deployed: one that is there, or the starter app that is to be put there. */
export type ChosenApp = Candidate | "starter";

/**
 * Chooses the app: as the options say, else the best that is found; asks where there are several or none. Without a person
 * none is taken that cannot be started.
 */
export async function chooseApp(project: Project, options: InitOptions, questions: Questions): Promise<ChosenApp> {
  if (options.starter) return "starter";
  const found = detectApps(project);
  const told = toldApp(options, found);
  if (told) return questions.asks ? told : startable(told);
  const fit = found.filter(({ rank }) => rank > 0);
  const [best, ...others] = fit.toSorted((a, b) => Number(a.refused !== undefined) - Number(b.refused !== undefined));
  if (!best) return await withoutApp(project, questions);
  if (others.length === 0 || !questions.asks) {
    if (!questions.asks) startable(best);
    questions.say(`App: ${nameOf(best)}`);
    if (others.length > 0)
      questions.say(
        `Also there, and not taken: ${others.map(nameOf).join("; ")}. --module or --command takes another.`,
      );
    return best;
  }
  const choice = await questions.choose<Candidate | "command">("Which app?", [
    ...fit.map((each) => ({ value: each, label: `${each.framework}  ${callOf(each)}`, hint: each.where })),
    { value: "command", label: "Another: a command that serves" },
  ]);
  return choice === "command" ? await askCommand(questions) : choice;
}

/** Throws a `Failure` where no server can start an app as it is. */
function startable(app: Candidate): Candidate {
  if (app.refused === undefined) return app;
  throw new Failure({
    code: "app-not-found",
    message: `No server can start this app: ${nameOf(app)}.`,
    reason: app.refused,
    fix: `Name that module, or another app: ${sameCommand} --module MODULE:NAME`,
  });
}

/** An app as the person reads it: `Flask, app:app in app.py`. */
function nameOf(candidate: Candidate): string {
  return `${candidate.framework}, ${callOf(candidate)} in ${candidate.where}`;
}

export function callOf({ serve }: Candidate): string {
  if (serve.by === "command") return serve.command;
  return `${serve.reference}${serve.factory ? "()" : ""}`;
}

/** The app that --module or --command names, with what was found of it. */
function toldApp({ module, command }: InitOptions, found: readonly Candidate[]): Candidate | undefined {
  if (module !== undefined) {
    const same = found.find(({ serve }) => serve.by !== "command" && serve.reference === module);
    return same ?? given({ by: "wsgi", reference: module, factory: false }, "--module");
  }
  return command === undefined ? undefined : given({ by: "command", command, python: false }, "--command");
}

function given(serve: Candidate["serve"], where: string): Candidate {
  return { framework: "the app", where, folder: "", serve, rank: 0, notes: [] };
}

async function withoutApp(project: Project, questions: Questions): Promise<ChosenApp> {
  const language = otherLanguage(project);
  const passed = project.files.find((file) => file.endsWith(".py") && !isImportable(path.posix.basename(file, ".py")));
  const run = madeWhenRun(project);
  const looked = [
    `Looked for ${lookedFor}${language ? `; it looks like ${language}` : ""}.`,
    ...(run
      ? [`${run} makes its app in main() or below if __name__ == "__main__": a server imports it, and finds none then.`]
      : []),
    ...(passed ? [`${passed} was passed over: no server can import a file of this name.`] : []),
  ].join(" ");
  const empty = isEmpty(project);
  if (!questions.asks) {
    if (!empty) throw notFound(project, looked);
    questions.say("The folder is empty: the starter app is put into app/.");
    return "starter";
  }
  questions.say(`No app was found. ${looked}`, "warning");
  const choices = [
    { value: "starter" as const, label: "Start with the starter app", hint: "Flask, one page, in app/" },
    { value: "command" as const, label: "Give the command that serves" },
  ];
  const choice = await questions.choose<"starter" | "command">("What now?", empty ? choices : choices.reverse());
  return choice === "starter" ? "starter" : await askCommand(questions);
}

async function askCommand(questions: Questions): Promise<Candidate> {
  const command = await questions.text("The command that serves on $PORT, run in this folder", undefined, (text) =>
    text === "" ? "A command for /bin/sh, like ./serve --port $PORT" : undefined,
  );
  return given({ by: "command", command, python: false }, "your answer");
}

/** Whether a folder holds nothing that could be an app. */
function isEmpty({ files }: Project): boolean {
  return files.every((file) => /^(\.[^/]*|README[^/]*|LICEN[CS]E[^/]*|config\.json)$/i.test(file));
}

function notFound({ root }: Project, looked: string): Failure {
  return new Failure({
    code: "app-not-found",
    message: `No app was found in ${root}.`,
    reason: looked,
    fix: `Name what serves on $PORT: ${sameCommand} --command COMMAND\nOr name a callable by --module MODULE:NAME, another place by --app FOLDER, or begin with --starter.`,
  });
}
