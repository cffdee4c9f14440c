import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { commandFile, packageRoot, writeConfig } from "../command-line.ts";
import { startSandbox } from "../sandboxes.ts";
import { keys, onTerminal } from "../terminal.ts";
import { framesOf } from "./frames.ts";
import { played } from "./picture.ts";

/** Records a first deploy and a roll in the sandbox, with machines, and writes docs/deploy.svg and docs/roll.svg. */

const columns = 80;
const rows = 30;
/** How fast the pictures play, how often they look, and how long they rest at the end, in seconds. */
const speed = 2;
const every = 0.4;
const rest = 6;

const folder = await mkdtemp(path.join(tmpdir(), "multivac-record-"));
const aws = await startSandbox("record", { machines: true });
try {
  await writeConfig(folder, { name: "hello", environment: "dev" });
  await symlink(commandFile, path.join(folder, "multivac"));
  await record("deploy", "A first deploy");
  const app = path.join(folder, "app/tiny_app.py");
  await writeFile(app, `${await readFile(app, "utf8")}\n# changed\n`);
  await record("roll", "A deploy of a changed app, rolled out while the release before serves");
} finally {
  await aws.stop();
  await rm(folder, { recursive: true, force: true });
}

async function record(name: string, what: string): Promise<void> {
  const args = ["deploy", "--sandbox"];
  const { code, shown, screen } = await onTerminal([process.execPath, path.join(folder, "multivac"), ...args], {
    cwd: folder,
    env: { MULTIVAC_SANDBOX: aws.id, LANG: "C.UTF-8", TERM: "xterm-256color" },
    typed: [["[y/N]", `y${keys.enter}`, 2]],
    columns,
    rows,
    whole: true,
    limitSeconds: 600,
  });
  if (code !== 0) throw new Error(screen);
  const prompt = "\u001b[32m$\u001b[0m ";
  const begin = 1.2;
  const timed = shown.map(([seconds, text]): [number, string] => [seconds + begin, text]);
  const all: [number, string][] = [[0, prompt], [begin / 2, `multivac ${args.join(" ")}\r\n`], ...timed];
  const last = all.at(-1)?.[0] ?? 0;
  all.push([last, prompt]);
  const frames = await framesOf(all, { columns, rows, every, speed });
  const seconds = Math.round(last);
  const title = `${what}, of ${seconds} seconds, in the sandbox; played ${speed} times as fast`;
  const picture = played(frames, Math.ceil(last / speed + rest), { columns, rows, title });
  await writeFile(path.join(packageRoot, `docs/${name}.svg`), picture);
  console.log(`docs/${name}.svg: ${title}; ${frames.length} frames, ${Math.round(picture.length / 1000)} kB`);
}
