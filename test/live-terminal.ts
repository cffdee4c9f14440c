import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import headless from "@xterm/headless";
import { commandFile, environment } from "./command-line.ts";

/** A run of the built command that has a terminal for stdin, stdout and stderr, while it goes on. */
export interface LiveTerminal {
  /** The lines that a person sees now. */
  screen(): Promise<string[]>;
  /** Waits until the screen, or all that was ever written to the terminal, shows something. */
  until(shown: RegExp, where?: "screen" | "ever"): Promise<void>;
  type(text: string): void;
  resize(columns: number, rows?: number): void;
  /** Everything that was written to the terminal up to now. */
  written(): string;
  /** The exit code, once it has ended. */
  ended: Promise<number>;
}

interface Options {
  cwd?: string;
  env?: Record<string, string>;
  columns?: number;
  rows?: number;
}

/** Starts the built command on a pseudo-terminal, whose bytes a terminal emulator understands; it ends with the test. */
export function startOnTerminal(test: TestContext, args: string[], options: Options = {}): LiveTerminal {
  const { cwd, env = {}, columns = 80, rows = 30 } = options;
  const command = [process.execPath, commandFile, ...args];
  const order = JSON.stringify({ command, columns, rows, env: environment({ TERM: "xterm-256color", ...env }) });
  const child = spawn("python3", ["-c", bridge, order], {
    cwd,
    stdio: ["pipe", "pipe", "inherit"],
  });
  test.after(() => child.kill());
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  let written = "";
  let code: number | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const told = JSON.parse(line) as { text?: string; code?: number };
    if (told.text !== undefined) {
      written += told.text;
      terminal.write(told.text);
    } else code = told.code;
  });
  const tell = (what: object) => child.stdin.write(`${JSON.stringify(what)}\n`);
  child.stdin.on("error", () => {});
  const screen = async () => {
    await new Promise<void>((resolve) => terminal.write("", resolve));
    const { active } = terminal.buffer;
    const lines = Array.from({ length: terminal.rows }, (_, row) => active.getLine(active.viewportY + row));
    return lines.map((line) => line?.translateToString(true) ?? "");
  };
  return {
    screen,
    async until(shown, where = "screen") {
      for (const end = Date.now() + 60_000; ; await sleep(50)) {
        const text = where === "ever" ? written : (await screen()).join("\n").trimEnd();
        if (shown.test(text)) return;
        assert.ok(Date.now() < end && (code === undefined || where === "screen"), `${shown} in:\n${text}`);
      }
    },
    type: (text) => void tell({ type: text }),
    resize(columns, rows = terminal.rows) {
      terminal.resize(columns, rows);
      tell({ columns, rows });
    },
    written: () => written,
    ended: once(child, "close").then(() => code ?? -1),
  };
}

/** Runs a command on a pseudo-terminal: what is to be typed, and sizes, come in as JSON lines; what it writes goes out so. */
const bridge = `
import codecs, fcntl, json, os, signal, struct, subprocess, sys, termios, threading

order = json.loads(sys.argv[1])
master, slave = os.openpty()


def size(columns, rows):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def controlled():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


size(order["columns"], order["rows"])
child = subprocess.Popen(
    order["command"], env=order["env"], stdin=slave, stdout=slave, stderr=slave, preexec_fn=controlled
)
os.close(slave)
signal.signal(signal.SIGTERM, lambda *_: child.kill())


def listen():
    for line in sys.stdin:
        told = json.loads(line)
        if "type" in told:
            os.write(master, told["type"].encode())
        else:
            size(told["columns"], told["rows"])


threading.Thread(target=listen, daemon=True).start()
decoder = codecs.getincrementaldecoder("utf-8")()
while True:
    try:
        seen = os.read(master, 65536)
    except OSError:  # the other end is closed
        break
    if not seen:
        break
    print(json.dumps({"text": decoder.decode(seen)}), flush=True)
print(json.dumps({"code": child.wait()}), flush=True)
os._exit(0)
`;
