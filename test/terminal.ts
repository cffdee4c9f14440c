import { execa } from "execa";
import { commandFile, environment } from "./command-line.ts";

/** What a run on a terminal came to. */
export interface RanOnTerminal {
  code: number;
  /** What the terminal was sent: stderr, what was typed, and stdout where that is no pipe. */
  screen: string;
  /** The same, as it came: after how many seconds, and what. */
  shown: [seconds: number, text: string][];
  /** What a pipe got. */
  stdout: string;
}

export interface OnTerminal {
  cwd: string;
  env: Record<string, string>;
  /** What is typed, each once its question is shown, and so many seconds later. */
  typed?: [question: string, text: string, seconds?: number][];
  columns?: number;
  rows?: number;
  /** Whether stdout is the terminal too, as a person has it; otherwise it is a pipe. */
  whole?: boolean;
  limitSeconds?: number;
}

/** Control characters as the keys are called. */
export const keys = { interrupt: "\u0003", endOfInput: "\u0004", enter: "\r" };

/** Runs the built command with a pseudo-terminal as its stdin and stderr, and types each text once a question is shown. */
export async function multivacOnTerminal(args: string[], options: OnTerminal): Promise<RanOnTerminal> {
  return await onTerminal([process.execPath, commandFile, ...args], options);
}

/** The same with any program. */
export async function onTerminal(
  command: string[],
  { cwd, env, typed = [], columns = 100, rows = 30, whole = false, limitSeconds = 60 }: OnTerminal,
): Promise<RanOnTerminal> {
  const order = JSON.stringify({ command, typed, columns, rows, whole });
  const { stdout } = await execa("python3", ["-", order], {
    cwd,
    env: environment({ TERM: "xterm", ...env }),
    extendEnv: false,
    input: terminal,
    timeout: limitSeconds * 1000,
  });
  const ran = JSON.parse(stdout) as Omit<RanOnTerminal, "screen">;
  return { ...ran, screen: ran.shown.map(([, text]) => text).join("") };
}

const terminal = `
import codecs, fcntl, json, os, signal, struct, subprocess, sys, termios, time

order = json.loads(sys.argv[1])
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", order["rows"], order["columns"], 0, 0))
stdout = slave if order["whole"] else subprocess.PIPE
begun = time.monotonic()
child = subprocess.Popen(order["command"], stdin=slave, stdout=stdout, stderr=slave, start_new_session=True)
os.close(slave)
signal.signal(signal.SIGTERM, lambda *_: child.kill())
decoder = codecs.getincrementaldecoder("utf-8")()
shown = []


def see():
    try:
        seen = os.read(master, 65536)
    except OSError:  # the other end is closed
        return False
    shown.append([round(time.monotonic() - begun, 3), decoder.decode(seen)])
    return bool(seen)


for question, text, *pause in order["typed"]:
    while question not in "".join(text for _, text in shown) and see():
        pass
    time.sleep(sum(pause))
    os.write(master, text.encode())
while see():
    pass
stdout = "" if order["whole"] else child.stdout.read().decode()
print(json.dumps({"code": child.wait(), "shown": shown, "stdout": stdout}))
`;
