import type { Project } from "../project.ts";
import type { Candidate } from "./candidate.ts";
import { dependencyNotes } from "./node.ts";

/** The `web` process of a Procfile, whose command finds its port in PORT (Heroku Dev Center, "The Procfile"). */
export function procfileCandidates(project: Project): Candidate[] {
  const processes = [...project.text("Procfile").matchAll(/^\s*([A-Za-z0-9_-]+)\s*:\s*(\S.*?)\s*$/gm)];
  const web = processes.find(([, name]) => name === "web")?.[2];
  if (web === undefined) return [];
  const others = processes.map(([, name = ""]) => name).filter((name) => name !== "web");
  const python = /(^|\s|\/)(python3?|gunicorn|uvicorn|waitress-serve|hypercorn|daphne|flask|fastapi|uwsgi)(\s|$)/.test(
    web,
  );
  const node = /(?:^|[\s/;&|])(node|npm|npx|yarn|pnpm)(?:\s|$)/.exec(web)?.[1];
  return [
    {
      framework: "Procfile",
      where: "Procfile",
      folder: "",
      serve: { by: "command", command: web, python },
      rank: 200,
      // Debian and Ubuntu have npm in a package of its own.
      ...(node ? { packages: node === "node" ? ["nodejs"] : ["nodejs", "npm"] } : {}),
      notes: [
        ...(others.length > 0 ? [`Of the Procfile only web runs, not ${others.join(", ")}.`] : []),
        ...(node ? dependencyNotes(project) : []),
        ...(node === "yarn" || node === "pnpm"
          ? [`The machines have no ${node}: let web begin with npm or node.`]
          : []),
      ],
    },
  ];
}
