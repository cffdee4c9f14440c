import { inFolder, type Project } from "../project.ts";
import type { Candidate } from "./candidate.ts";
import { dependencyNotes } from "./node.ts";

/** The `web` process of a Procfile, whose command finds its port in PORT (Heroku Dev Center, "The Procfile"). */
export function procfileCandidates(project: Project): Candidate[] {
  const processes = [...project.text("Procfile").matchAll(/^[ \t]*([A-Za-z0-9_-]+)[ \t]*:(.*)$/gm)];
  const told = processes.find(([, name]) => name === "web")?.[2]?.trim();
  if (!told) return [];
  const others = processes.map(([, name = ""]) => name).filter((name) => name !== "web");
  const { folder, command } = placed(project, withoutRunner(told));
  const python = /(^|\s|\/)(python3?|gunicorn|uvicorn|waitress-serve|hypercorn|daphne|flask|fastapi|uwsgi)(\s|$)/.test(
    command,
  );
  const node = /(?:^|[\s/;&|])(node|npm|npx|yarn|pnpm)(?:\s|$)/.exec(command)?.[1];
  const elsewhere = listensElsewhere(project, folder, command);
  return [
    {
      framework: "Procfile",
      where: "Procfile",
      folder,
      serve: { by: "command", command, python },
      // An app of which the port is known goes before.
      rank: elsewhere ? 65 : 200,
      // Debian and Ubuntu have npm in a package of its own.
      ...(node ? { packages: node === "node" ? ["nodejs"] : ["nodejs", "npm"] } : {}),
      notes: [
        ...(elsewhere
          ? ["The Procfile's web line does not name $PORT, where the load balancer asks: let its server listen there."]
          : []),
        ...(others.length > 0 ? [`Of the Procfile only web runs, not ${others.join(", ")}.`] : []),
        ...(node ? dependencyNotes(project) : []),
        ...(node === "yarn" || node === "pnpm"
          ? [`The machines have no ${node}: let web begin with npm or node.`]
          : []),
        ...missingRunner(command),
      ],
    },
  ];
}

const runner = /(^|[\s;&|])(poetry|uv|pipenv|pdm|hatch)[ \t]+run[ \t]/;

/** A command without what runs it in an environment of the developer's: on the machines pip has made one. */
function withoutRunner(command: string): string {
  const flags = "(?:--(?:no-[a-z-]+|frozen|locked|isolated)?[ \\t]+)*";
  const whole = new RegExp(`${runner.source}[ \\t]*${flags}(?=([^-\\s]\\S*))`);
  return command.replace(
    whole,
    (_, before: string, _tool, next: string) => `${before}${next.endsWith(".py") ? "python3 " : ""}`,
  );
}

/** What to tell where the developer's tool has options that pip's environment has no place for. */
function missingRunner(command: string): string[] {
  const tool = runner.exec(command)?.[2];
  return tool === undefined ? [] : [`The machines have no ${tool}: let web begin with the server.`];
}

/** The folder that a command begins in, and what it does there. */
function placed(project: Project, command: string): { folder: string; command: string } {
  const [, folder = "", rest = ""] = /^cd[ \t]+(?:\.\/)?([\w./-]+?)\/?[ \t]*&&[ \t]*(\S.*)$/.exec(command) ?? [];
  return folder !== "" && project.hasFolder(folder) ? { folder, command: rest } : { folder: "", command };
}

/** Whether a command is known not to listen where the load balancer asks. Gunicorn reads PORT where it is told nothing else. */
function listensElsewhere(project: Project, folder: string, command: string): boolean {
  if (/\bPORT\b/.test(command)) return false;
  const script = /(?:^|\s)python3?[ \t]+([\w./-]+\.py)(?:\s|$)/.exec(command)?.[1];
  if (script?.endsWith("manage.py")) return true;
  if (script !== undefined) return !/\bPORT\b/.test(project.text(inFolder(folder, script)));
  if (/(^|\s|\/)gunicorn\s/.test(command)) return /\s(-b|--bind)[\s=]/.test(command);
  return /(^|\s|\/)(uvicorn|hypercorn|daphne|waitress-serve|waitress|flask)\s/.test(command);
}
