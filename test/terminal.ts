import { execa } from "execa";
import { commandFile, environment } from "./command-line.ts";

/** What a run on a terminal came to. */
interface RanOnTerminal {
  code: number;
  /** What the terminal showed: stderr, and what was typed. */
  screen: string;
  /** What a pipe got. */
  stdout: string;
}

/** Control characters as the keys are called. */
export const keys = { interrupt: "\u0003", endOfInput: "\u0004", enter: "\r" };

interface OnTerminal {
  cwd: string;
  env: Record<string, string>;
  typed: [question: string, text: string][];
  columns?: number;
}

/** Runs the built command with a pseudo-terminal as its stdin and stderr, and types each text once a question is shown. */
export async function multivacOnTerminal(args: string[], options: OnTerminal): Promise<RanOnTerminal> {
  return await onTerminal([process.execPath, commandFile, ...args], options);
}

/** The same with any program. */
export async function onTerminal(
  command: string[],
  { cwd, env, typed, columns = 100 }: OnTerminal,
): Promise<RanOnTerminal> {
  const order = JSON.stringify({ command, typed, columns });
  const { stdout } = await execa("python3", ["-", order], {
    cwd,
    env: environment({ TERM: "xterm", ...env }),
    extendEnv: false,
    input: terminal,
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}

const terminal = `
import fcntl, json, os, signal, struct, subprocess, sys, termios

order = json.loads(sys.argv[1])
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, order["columns"], 0, 0))
child = subprocess.Popen(order["command"], stdin=slave, stdout=subprocess.PIPE, stderr=slave, start_new_session=True)
os.close(slave)
signal.signal(signal.SIGTERM, lambda *_: child.kill())
screen = b""


def see():
    global screen
    try:
        seen = os.read(master, 65536)
    except OSError:  # the other end is closed
        return False
    screen += seen
    return bool(seen)


for question, text in order["typed"]:
    while question.encode() not in screen and see():
        pass
    os.write(master, text.encode())
while see():
    pass
stdout = child.stdout.read().decode()
print(json.dumps({"code": child.wait(), "screen": screen.decode(), "stdout": stdout}))
`;
