import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import * as module from "node:module";
import path from "node:path";
import { commandFile, environment, packageRoot } from "../command-line.ts";
import { runMeasured } from "./program.ts";
import { median } from "./samples.ts";
import { folderOf } from "./tools.ts";

/** How long programs take that do next to nothing, each with `node -e 0` of the same round. */
export interface Start {
  rounds: number;
  /** `node -e 0`, in seconds. */
  node: number;
  programs: { what: string; seconds: number; ratio: number; beyond: number; target?: number | null }[];
  /** Whether this Node has a compile cache. */
  compileCache: boolean;
}

/** How many times `node -e 0` they may take. */
const target = 1.5;

const clients = ["client-ec2", "client-auto-scaling", "client-elastic-load-balancing-v2", "client-sts"];

/** Starts each program once a round, one after another, after a round that nobody measures: it fills caches. */
export async function measureStart(rounds: number, say: (text: string) => void): Promise<Start> {
  const cwd = await folderOf("start");
  const compileCache = "enableCompileCache" in module;
  const cacheFolder = path.join(cwd, "compile-cache");
  await mkdir(cacheFolder);
  const cached = environment({ NODE_COMPILE_CACHE: cacheFolder });
  const empty = path.join(cwd, "empty");
  await Promise.all([writeFile(`${empty}.cjs`, ""), writeFile(`${empty}.mjs`, "")]);
  const multivac = (...args: string[]) => [process.execPath, commandFile, ...args];
  const loading = {
    "clients from node_modules": imports(clients.map((name) => `@aws-sdk/${name}`)),
    "clients from `dist`": imports(await bundledClients()),
  };
  const programs: { what: string; command: string[]; env?: NodeJS.ProcessEnv; target?: number | null }[] = [
    { what: "`node -e 0`", command: [process.execPath, "-e", "0"] },
    { what: "an empty CommonJS module", command: [process.execPath, `${empty}.cjs`], target: null },
    { what: "an empty ES module", command: [process.execPath, `${empty}.mjs`], target: null },
    { what: "`multivac --help`", command: multivac("--help"), target },
    { what: "`multivac --version`", command: multivac("--version"), target },
    { what: "completion of `de`", command: multivac("__complete", "--quoted", "--", "de"), target },
    ...Object.entries(loading).map(([what, command]) => ({ what, command })),
    ...Object.entries(compileCache ? loading : {}).map(([what, command]) => ({
      what: `${what}, with the compile cache`,
      command,
      env: cached,
    })),
  ];

  const taken = programs.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { command, env = environment() }] of programs.entries()) {
      const { seconds } = await runMeasured(command as [string], { cwd: packageRoot, env });
      if (round > 0) taken[index]?.push(seconds);
    }
  }
  const [node = []] = taken;
  const measured = programs.slice(1).map(({ what, target }, index) => {
    const own = taken[index + 1] ?? [];
    const ratio = median(own.map((seconds, round) => seconds / (node[round] ?? Number.NaN)));
    const beyond = median(own.map((seconds, round) => seconds - (node[round] ?? Number.NaN)));
    say(`${what}: ${median(own).toFixed(3)} s, ${ratio.toFixed(2)} × node -e 0`);
    return { what, seconds: median(own), ratio, beyond, ...(target === undefined ? {} : { target }) };
  });
  say(`node -e 0: ${median(node).toFixed(3)} s`);
  return { rounds, node: median(node), programs: measured, compileCache };
}

/** A process that loads modules and does nothing with them. */
function imports(modules: readonly string[]): string[] {
  const code = `await Promise.all([${modules.map((name) => `import(${JSON.stringify(name)})`).join(", ")}])`;
  return [process.execPath, "--input-type=module", "-e", code];
}

/** What of dist makes the clients; it loads what it needs of them. */
async function bundledClients(): Promise<string[]> {
  const chunks = path.join(path.dirname(commandFile), "chunks");
  const found = (await readdir(chunks)).filter((name) => /^connect-.*\.cjs$/.test(name));
  const read = async (name: string) => {
    const file = path.join(chunks, name);
    const [{ mtimeMs: at }, text] = await Promise.all([stat(file), readFile(file, "utf8")]);
    return { file, at, makes: text.includes("STSClient") };
  };
  const made = (await Promise.all(found.map(read))).filter(({ makes }) => makes);
  // Those of builds before stay beside it.
  const [newest] = made.sort((one, other) => other.at - one.at);
  if (!newest) throw new Error("dist has no chunk that makes the clients; where are they now?");
  return [newest.file];
}

/** Its part of docs/benchmark.md. */
export function startSection({ rounds, node, programs, compileCache }: Start): string[] {
  const own = programs.filter(({ target }) => target !== undefined);
  const loading = programs.filter(({ target }) => target === undefined);
  const row = (cells: (string | number)[]) => `| ${cells.join(" | ")} |`;
  const inMilliseconds = (seconds: number) => `${Math.round(seconds * 1000)} ms`;
  return [
    "## Start",
    `Medians of ${rounds} rounds, in each of which every program ran once; ratios and differences are medians of each round's own. \`node -e 0\` takes ${inMilliseconds(node)}.`,
    "",
    "| | whole time | times `node -e 0` | at most |",
    "|---|--:|--:|--:|",
    ...own.map(({ what, seconds, ratio, target }) =>
      row([what, inMilliseconds(seconds), ratio.toFixed(2), target ?? ""]),
    ),
    "",
    "What is beyond an empty module is the command line and the text itself: all commands are listed, and those that the words of the call name get their options. The tool is a bundle of CommonJS modules, for Node needs longer to start ES modules. Where `NODE_EXTRA_CA_CERTS` names a bundle of certificates Node reads that at every start, also of `node -e 0`, which makes each of these slower and every ratio smaller; here it is taken away.",
    "",
    "| a process that loads | whole time | beyond `node -e 0` |",
    "|---|--:|--:|",
    ...loading.map(({ what, seconds, beyond }) => row([what, inMilliseconds(seconds), inMilliseconds(beyond)])),
    "",
    `From node_modules: ${clients.map((name) => `\`${name}\``).join(", ")}, whole. From \`dist\`: the part of the bundle that makes these clients, with the operations that commands use and the tool's own code that stands in the same file. ${compileCache ? `With the compile cache: \`NODE_COMPILE_CACHE\`, filled by a run before.` : `Node's compile cache is not measured: Node ${process.version} has none, 22.1 and later have.`}`,
    "Chosen is the bundle, split so that a command loads what it uses: it needs nothing on the user's machine, and helps on every Node that the tool runs on. The compile cache is turned on besides where there is one, which is one line of `src/cli.ts`.",
    "",
  ];
}
