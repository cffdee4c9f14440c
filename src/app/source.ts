import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "../config/problems.ts";
import { show } from "../config/problems.ts";
import type { AppConfig } from "../config/schema.ts";
import { type AppFile, listAppFiles } from "./files.ts";
import type { LostLink } from "./links.ts";

/** The application's source as it lies on disk. */
export interface AppSource {
  /** Absolute folder. */
  root: string;
  files: AppFile[];
}

/**
 * Reads the app's folder and checks the config's `app` against what is in it. Reports all problems at once. The config
 * file itself is never part of the app: a change of it alone must not bake.
 */
export async function readAppSource(
  app: AppConfig,
  configFile: string,
): Promise<{ source: AppSource; problems: Problem[]; warnings: string[] }> {
  const root = path.resolve(path.dirname(configFile), app.path);
  const none = { root, files: [] };
  const found = await stat(root).catch(() => undefined);
  if (!found?.isDirectory()) {
    const got = found ? `${show(app.path)}, which is not a folder` : `${show(app.path)}, where nothing is`;
    return {
      source: none,
      problems: [{ path: ["app", "path"], expected: "a folder with the application's source", got }],
      warnings: [],
    };
  }

  const { files: all, refused, lost, secrets } = await listAppFiles(root, app.exclude);
  const config = await realpath(configFile).catch(() => configFile);
  const isConfig = await Promise.all(
    all.map(async ({ path: file, type }) => {
      const place = path.join(root, file);
      const candidate =
        path.basename(file) === path.basename(configFile) || path.basename(file) === path.basename(config);
      return (type === "symlink" || candidate) && (await realpath(place).catch(() => place)) === config;
    }),
  );
  const files = all.filter((_, index) => !isConfig[index]);
  const problems = refused.map(
    ({ path: file, why }): Problem => ({
      path: ["app", "path"],
      expected: "files that can be put into an image",
      got: `${file}: ${why}; remove it or name it in app.exclude`,
    }),
  );
  if (files.length === 0)
    problems.push({ path: ["app", "path"], expected: "at least one file that is not excluded", got: "none" });

  const paths = new Set(files.map((file) => file.path));
  if (app.module && files.length > 0) {
    const places = modulePlaces(app.module);
    if (!places.some((place) => paths.has(place))) {
      problems.push({
        path: ["app", "module"],
        expected: `a module in the app's folder: ${places.join(" or ")}`,
        got: show(app.module),
      });
    }
  }
  if (app.requirements && !paths.has(path.posix.normalize(app.requirements))) {
    problems.push({
      path: ["app", "requirements"],
      expected: "a file in the app's folder that is not excluded",
      got: show(app.requirements),
    });
  }
  return { source: { root, files }, problems, warnings: [...lostWarning(lost), ...secretWarning(secrets)] };
}

function lostWarning(lost: readonly LostLink[]): string[] {
  if (lost.length === 0) return [];
  const links = some(lost.map(({ path: link, target }) => `${link} → ${target}`));
  return [`Symbolic links lead to nothing that is part of the app, be it missing or excluded: ${links}.`];
}

function secretWarning(secrets: readonly string[]): string[] {
  const [first] = secrets;
  if (first === undefined) return [];
  const how = `Leave them out by app.exclude, or name them there with a ! before where they are meant: "!${first}".`;
  return [`What looks like a secret would become part of the image: ${some(secrets)}. ${how}`];
}

/** The first few of a list. */
function some(list: readonly string[]): string {
  const more = list.length > shown ? ` and ${list.length - shown} more` : "";
  return list.slice(0, shown).join(", ") + more;
}

const shown = 5;

/** Where Python looks for the module of `package.module:callable` in the app's folder. */
function modulePlaces(module: string): string[] {
  const base = (module.split(":")[0] ?? "").split(".").join("/");
  return [`${base}.py`, `${base}/__init__.py`];
}
