import type { RunningSandbox, SandboxStartDocument, SandboxStatusDocument, SandboxStopDocument } from "../documents.ts";
import { Failure } from "../failure.ts";
import type { Outcome } from "../output/document.ts";
import { sandboxStatus, startSandbox, stopSandbox } from "../sandbox/client.ts";
import { sandboxEnvironment } from "../sandbox/environment.ts";
import type { SandboxRecord } from "../sandbox/record.ts";
import { findSandbox, sandboxId } from "../sandbox/running.ts";
import type { CommonOptions, Context } from "../session.ts";
import { commandLine } from "./hint.ts";

/** Starts the sandbox, or finds it running. */
export async function sandboxStart(
  { report }: Context,
  { machines }: CommonOptions & { machines: boolean },
): Promise<Outcome<SandboxStartDocument>> {
  const id = sandboxId();
  const before = await findSandbox(id);
  const record = await startSandbox({ id, machines: machines ? undefined : false, report });
  return {
    exitCode: 0,
    document: { sandbox: about(record), started: before === undefined },
    text: [before ? `The sandbox ${id} is running already.` : `The sandbox ${id} is running.`, ...access(record)].join(
      "\n",
    ),
  };
}

/** Takes the sandbox down with everything in it; asks first. */
export async function sandboxStop(
  context: Context,
  { purge = false }: CommonOptions & { purge?: boolean },
): Promise<Outcome<SandboxStopDocument>> {
  const id = sandboxId();
  const { state, instances } = await sandboxStatus(id);
  if (state === "running") {
    const machines = instances.length === 1 ? "1 machine" : `${instances.length} machines`;
    const about = `The sandbox ${id} goes with its ${machines} and everything deployed in it.`;
    if (!(await context.ask.confirm("Stop it?", about)))
      throw new Failure({ code: "answered-no", message: "Nothing was changed." });
  }
  const { wasRunning, purged } = await stopSandbox(id, { purge, report: context.report });
  if (purge && !purged) {
    context.report({ type: "warning", text: "The cached base root stays: another sandbox's machines stand on it." });
  }
  return {
    exitCode: 0,
    document: { sandbox: { id, state: "absent" }, wasRunning, purged },
    text: wasRunning
      ? `The sandbox ${id} is stopped; nothing of it is left${purged ? "" : " but its cache"}.`
      : `The sandbox ${id} was not running.`,
  };
}

/** Says what there is of the sandbox and how other tools reach it. */
export async function sandboxState(): Promise<Outcome<SandboxStatusDocument>> {
  const id = sandboxId();
  const { state, record, instances, disk } = await sandboxStatus(id);
  const machines = instances.map((each) => `  ${each.id}  ${each.state}  ${each.address}  ${each.imageId}`);
  return {
    exitCode: state === "running" ? 0 : 3,
    document: {
      sandbox: record ? about(record) : { id, state: state === "dead" ? state : "absent" },
      instances,
      diskBytes: disk,
    },
    text: [
      state === "running"
        ? `The sandbox ${id} is running.`
        : `The sandbox ${id} is ${state}. Start it with: ${commandLine("sandbox start", { options: {} })}`,
      ...(record ? access(record) : []),
      ...(machines.length ? ["", ...machines] : []),
      "",
      `Disk: ${size(disk.state)} in use, ${size(disk.cache)} cached.`,
    ].join("\n"),
  };
}

function about({
  id,
  endpoint,
  region,
  account,
  credentials,
  machines,
  vpcId,
  subnetIds,
  baseImageId,
}: SandboxRecord): RunningSandbox {
  return { id, state: "running", endpoint, region, account, credentials, machines, vpcId, subnetIds, baseImageId };
}

/** How any AWS tool talks to the sandbox, ready to paste into a shell. */
function access(record: SandboxRecord): string[] {
  return [
    `  endpoint  ${record.endpoint}`,
    `  region    ${record.region}`,
    `  machines  ${record.machines ? "yes" : "no, the AWS API alone"}`,
    "",
    "For other AWS tools:",
    ...Object.entries(sandboxEnvironment(record)).map(([name, value]) => `  export ${name}=${value}`),
  ];
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}
