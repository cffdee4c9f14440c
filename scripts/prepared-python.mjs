// Python for the tests, with moto and boto3 loaded: to load them takes longer than most tests do.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { foldersOf } from "../dist/sandbox/folders.cjs";
import { findMotoServer } from "../dist/sandbox/prerequisites.cjs";

/**
 * Starts it. Gives the variables by which tests find it: its socket, and a folder with a `moto_server` that has it fork.
 * `end` ends it with all that it has forked.
 */
export async function preparePython() {
  const { cache } = foldersOf("tests");
  const moto = await findMotoServer({ machines: false, cacheFolder: cache, environment: process.env });
  const python = spawnSync(besideMoto(moto, cache), ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  const folder = mkdtempSync(path.join(tmpdir(), "multivac-python-"));
  const socket = path.join(folder, "socket");
  const program = python.stdout.trim();
  const env = { PATH: process.env.PATH, AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const child = spawn(program, ["test/prepared-python.py", socket], { env, stdio: ["pipe", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", () => reject(new Error("test/prepared-python.py has ended")));
  });
  writeFileSync(path.join(folder, "moto_server"), standIn(program, socket, moto), { mode: 0o755 });
  return {
    env: { MULTIVAC_TEST_PYTHON: socket, MULTIVAC_TEST_MOTO: path.join(folder, "moto_server") },
    end: () => {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The Python that has boto3: the one beside moto, or the system's. */
function besideMoto(moto, cache) {
  return moto.startsWith(cache) ? path.join(path.dirname(moto), "python3") : "python3";
}

/** A program that is the moto_server of `prepared-python.py` as long as it runs, or the real one where that would be another. */
function standIn(python, socket, moto) {
  return `#!${python} -SE
import json, os, socket, sys

def real():
    os.execv(${JSON.stringify(moto)}, [${JSON.stringify(moto)}, *sys.argv[1:]])

given = {name: value for name, value in os.environ.items() if name == "PYTHONPATH" or name.startswith("MOTO_")}
if "MOTO_AMIS_PATH" not in given or os.pathsep in given.get("PYTHONPATH", os.pathsep):
    real()
connection = socket.socket(socket.AF_UNIX)
connection.connect(${JSON.stringify(socket)})
connection.sendall(json.dumps({"moto": sys.argv[1:], "env": given}).encode() + b"\\n")
if connection.recv(4) != b"yes\\n":
    real()
connection.recv(1)
sys.exit("moto has ended")
`;
}
