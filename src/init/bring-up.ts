import path from "node:path";
import type { ChosenApp } from "./choose-app.ts";
import { compiledNotes } from "./compiled.ts";
import { type Launch, launchOf } from "./launch.ts";
import type { InitOptions } from "./options.ts";
import type { Project } from "./project.ts";
import { hasPins } from "./python/packaged.ts";
import { pythonNeed } from "./python/version.ts";
import { pinsNote, systemFor, usualSystem } from "./system.ts";
import { unfit } from "./unfit.ts";
import { type NewFile, starter, starterFiles } from "./write.ts";

/** What the config says of the app and its image, and the files that are written for it. */
export interface BroughtUp {
  app: Launch["app"];
  /** The system of the image; undefined for the usual one. */
  os: string | undefined;
  healthPath: string | undefined;
  files: NewFile[];
  /** What pip has to bring, by normalised name. */
  needs: ReadonlyMap<string, string>;
  notes: string[];
}

/** Works out how the chosen app is deployed by the config `file`; what the options say goes before. */
export async function bringUp(
  file: string,
  project: Project,
  chosen: ChosenApp,
  options: InitOptions,
): Promise<BroughtUp> {
  const placed = (app: Launch["app"]) => ({
    ...app,
    path: path.relative(path.dirname(file), path.join(project.root, app.path)).split(path.sep).join("/") || ".",
    ...(options.packages ? { packages: options.packages } : {}),
  });
  if (chosen === "starter") {
    const folder = options.app === undefined ? "app" : ".";
    return {
      app: placed({ path: folder, ...starter }),
      os: options.os,
      healthPath: options.healthPath,
      files: await starterFiles(path.join(project.root, folder)),
      needs: new Map([["flask", "flask"]]),
      notes: [],
    };
  }
  const { app, write, needs, notes } = launchOf(project, chosen, options);
  const need = pythonNeed(project, app.path === "." ? "" : app.path, needs);
  const left = await unfit(path.join(project.root, app.path), app.exclude ?? []);
  const exclude = [...(app.exclude ?? []), ...left.exclude];
  const { os, note = need.why === "" && hasPins(needs) ? pinsNote(os) : undefined } = systemFor(need);
  return {
    app: placed({ ...app, ...(exclude.length > 0 ? { exclude } : {}) }),
    os: options.os ?? (os === usualSystem ? undefined : os),
    healthPath: options.healthPath ?? chosen.healthPath,
    files: write ? [{ file: path.join(project.root, write.file), text: write.text }] : [],
    needs,
    notes: [
      ...(chosen.refused ? [chosen.refused] : []),
      ...chosen.notes,
      ...notes,
      ...left.notes,
      ...(options.packages ? [] : compiledNotes(needs)),
      ...(note && !options.os ? [note] : []),
    ],
  };
}
