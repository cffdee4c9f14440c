import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../failure.ts";
import type { Report } from "../progress.ts";
import { baseImage } from "./endpoint/base-image.ts";
import { canListen } from "./endpoint/elasticloadbalancing/load-balancer-address.ts";
import { startEndpoint } from "./endpoint/index.ts";
import { foldersOf } from "./folders.ts";
import { loopbackBlock } from "./loopback.ts";
import type { DaemonMessage } from "./messages.ts";
import { openRealParts, type RealParts } from "./parts.ts";
import { identify, removeRecord, type SandboxRecord, writeProcess, writeRecord } from "./record.ts";

/** Without machines nothing lives in the VPC: its block is always the same. */
const memoryNetwork = {
  vpcCidr: "198.18.0.0/20",
  subnetCidrs: ["198.18.0.0/21", "198.18.8.0/21"],
  hostAddress: "127.0.0.1",
} as const;

const region = "ap-southeast-2";
const account = "123456789012";

const { values } = parseArgs({
  options: { id: { type: "string" }, machines: { type: "boolean" }, moto: { type: "string" } },
});
const id = values.id ?? "default";
const { state, cache, all } = foldersOf(id);
process.chdir("/");

const log = (line: string) => {
  try {
    appendFileSync(join(state, "daemon.log"), `${new Date().toISOString()} ${line}\n`);
  } catch {
    // A full disk is no reason for AWS to end.
  }
};
const send = (message: DaemonMessage) => void (process.connected && process.send?.(message));
const report: Report = (event) => send({ type: "progress", event });

void serve().catch((error: unknown) => {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const { code, message, reason, fix } =
    error instanceof Failure
      ? error
      : { code: "sandbox-not-started", message: (error as Error).message, reason: undefined, fix: undefined };
  send({ type: "failed", failure: { code, message, reason, fix } });
  // The machines' own keep-alives may still hold the event loop.
  setTimeout(() => process.exit(1), 100);
});

function portTaken(): Failure {
  return new Failure({
    code: "port-taken",
    message: "Port 80 is taken on every address of this machine; the sandbox's load balancers listen on it.",
    reason: "A service listens on 0.0.0.0:80 or [::]:80, as web servers and container proxies do.",
    fix: "See which it is with `ss -ltnp 'sport = :80'`, and stop it or let it listen on one address alone. Then start again: multivac sandbox start",
  });
}

/** Runs until it is told to end by SIGTERM; then takes everything down that it made. */
async function serve(): Promise<void> {
  await writeProcess(state, "daemon", process.pid);
  const abandoned = new AbortController();
  const abandon = () => abandoned.abort();
  process.once("disconnect", abandon);
  const block = await loopbackBlock(id, all);
  if (!(await canListen(block))) throw portTaken();
  const real: RealParts | undefined = values.machines
    ? await openRealParts({
        id,
        stateFolder: state,
        cacheFolder: cache,
        baseImageId: baseImage.id,
        report,
        signal: abandoned.signal,
      })
    : undefined;
  const { vpcCidr, subnetCidrs, hostAddress } = real ?? memoryNetwork;
  report({ type: "start", task: "AWS API" });
  const endpoint = await startEndpoint({
    folder: state,
    region,
    account,
    vpcCidr,
    subnetCidrs,
    loopbackBlock: block,
    real,
    baseImageCreated: real?.baseImageCreated,
    motoCommand: values.moto,
    onMoto: (pid) => writeProcess(state, "moto", pid),
    onReset: (network) => writeRecord(state, Object.assign(record, network)),
    onMotoEnd: () => void end("moto has ended"),
    log,
  }).catch(async (error) => {
    report({ type: "end", task: "AWS API", outcome: "failed" });
    await real?.close();
    throw error;
  });
  const record: SandboxRecord = {
    version: 1,
    id,
    daemon: await identify(process.pid),
    started: new Date().toISOString(),
    endpoint: endpoint.url,
    region,
    account,
    credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" },
    vpcId: endpoint.network.vpcId,
    subnetIds: endpoint.network.subnetIds,
    baseImageId: baseImage.id,
    machines: real !== undefined,
    hostAddress,
    loopbackBlock: block,
  };
  await writeRecord(state, record);
  report({ type: "end", task: "AWS API", outcome: "done", text: endpoint.url });
  process.off("disconnect", abandon);
  send({ type: "ready", record });
  log(`ready at ${endpoint.url}`);

  let ending = false;
  async function end(why: string): Promise<void> {
    if (ending) return;
    ending = true;
    log(`ending: ${why}`);
    // Nobody is to find it any more.
    await removeRecord(state);
    for (const close of [endpoint.close, real?.close])
      await close?.().catch((error: Error) => log(`not closed: ${error.stack}`));
    log("ended");
    process.exit(0);
  }
  if (abandoned.signal.aborted) void end("the command that started it is gone");
  process.on("SIGTERM", () => void end("SIGTERM"));
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("uncaughtException", (error) => log(`uncaught: ${error.stack}`));
  process.on("unhandledRejection", (error) => log(`unhandled: ${(error as Error)?.stack ?? error}`));
}
