import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { execa } from "execa";
import { enterArguments, enterEnvironment } from "../../machine/enter.ts";
import { AwsError } from "../aws-error.ts";
import type { Instances } from "../ec2/instances.ts";
import type { Handler } from "../handler.ts";
import { documentOf } from "../json.ts";
import type { Agents } from "./agents.ts";

interface Invocation {
  status: "InProgress" | "Success" | "Failed" | "Cancelled" | "TimedOut";
  code: number;
  stdout: string;
  stderr: string;
  cancel(): void;
}

interface Sent {
  DocumentName?: string;
  InstanceIds?: string[];
  Parameters?: { commands?: string[] };
}

interface Named {
  CommandId?: string;
  InstanceId?: string;
}

/** How much SSM keeps of what a command writes, from its beginning (API reference, GetCommandInvocation). */
const kept = { stdout: 24_000, stderr: 8_000 };

const service = "ssm";

/** `SendCommand` with the document AWS-RunShellScript: the command really runs in the machine, as root. */
export function commands(agents: Agents, instances: Instances): Handler[] {
  const invocations = new Map<string, Invocation>();
  const key = (commandId = "", instanceId = "") => `${commandId} ${instanceId}`;

  return [
    {
      service,
      action: "SendCommand",
      async instead(call) {
        const { DocumentName, InstanceIds = [], Parameters: { commands: lines = [] } = {} } = documentOf<Sent>(call);
        if (DocumentName !== "AWS-RunShellScript")
          throw new AwsError("InvalidDocument", `The sandbox's SSM has no document ${DocumentName}.`);
        const pids = await agents(InstanceIds);
        const unknown = InstanceIds.filter((id) => !pids.has(id));
        if (unknown.length)
          throw new AwsError(
            "InvalidInstanceId",
            `Instances [[${unknown.join(", ")}]] not in a valid state for account`,
          );
        const CommandId = randomUUID();
        for (const [id, pid] of pids) {
          const runs = () => instances.get(id)?.state === "running";
          invocations.set(key(CommandId, id), invoke(pid, lines.join("\n"), runs));
        }
        // What is asked for is of the last moments.
        for (const old of [...invocations.keys()].slice(0, -1000)) invocations.delete(old);
        return { Command: { CommandId, DocumentName, InstanceIds, Status: "Pending" } };
      },
    },
    {
      service,
      action: "GetCommandInvocation",
      instead(call) {
        const { CommandId, InstanceId } = documentOf<Named>(call);
        const found = invocations.get(key(CommandId, InstanceId));
        if (!found) throw new AwsError("InvocationDoesNotExist", "");
        const { status, code, stdout, stderr } = found;
        return {
          CommandId,
          InstanceId,
          DocumentName: "AWS-RunShellScript",
          Status: status,
          StatusDetails: status,
          ResponseCode: code,
          StandardOutputContent: stdout,
          StandardErrorContent: stderr,
        };
      },
    },
    {
      service,
      action: "CancelCommand",
      instead(call) {
        const { CommandId = "" } = documentOf<Named>(call);
        for (const [name, { cancel }] of invocations) if (name.startsWith(`${CommandId} `)) cancel();
        return {};
      },
    },
  ];
}

/** Runs it; what it writes is told once it has ended. SSM hears nothing of one whose machine goes, until its time is over. */
function invoke(pid: number, script: string, runs: () => boolean): Invocation {
  let isCancelled = false;
  const child = execa("nsenter", enterArguments(pid, ["/bin/sh", "-c", script]), {
    env: enterEnvironment({}),
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    stripFinalNewline: false,
    buffer: false,
    // A process group of its own, with all that it starts.
    detached: true,
  });
  const invocation: Invocation = {
    status: "InProgress",
    code: -1,
    stdout: "",
    stderr: "",
    cancel() {
      isCancelled = true;
      if (invocation.status === "InProgress" && child.pid) process.kill(-child.pid, "SIGKILL");
    },
  };
  const heard = [beginningOf(child.stdout, kept.stdout), beginningOf(child.stderr, kept.stderr)] as const;
  void child.then(async ({ exitCode }) => {
    const [stdout, stderr] = await Promise.all(heard);
    const ended = exitCode === 0 ? "Success" : "Failed";
    invocation.status = isCancelled ? "Cancelled" : runs() ? ended : "TimedOut";
    invocation.code = exitCode ?? -1;
    invocation.stdout = stdout;
    invocation.stderr = stderr;
  });
  return invocation;
}

/** The first so many characters of a stream, which is read to its end. */
async function beginningOf(stream: Readable, characters: number): Promise<string> {
  const decoder = new StringDecoder();
  let text = "";
  for await (const chunk of stream) if (text.length < characters) text += decoder.write(chunk as Buffer);
  return text.slice(0, characters);
}
