import type { StacksDocument } from "../documents.ts";
import { columnsOf } from "../output/fit.ts";
import type { Paint } from "../output/paint.ts";
import { table } from "../output/table.ts";
import type { Fact, Looked } from "../output/watch.ts";
import { type Context, isSandboxDown, openAll } from "../session.ts";
import { stackKey } from "../stack.ts";
import { readStacks, type StackSummary } from "../status/all.ts";
import { commandLine } from "./hint.ts";

/** A look at every stack of an account and region; `--name` and `--environment` choose among them. */
export function lookAtAll(context: Context, paint: Paint): () => Promise<Looked<StacksDocument>> {
  const { name, environment } = context.options;
  let session: Awaited<ReturnType<typeof openAll>> | undefined;
  return async () => {
    if (await isSandboxDown(context)) return looked([], { region: null, account: null }, context, paint);
    if (!session || context.options.sandbox) session = await openAll(context);
    const { aws, account } = session;
    const [stacks, id] = await Promise.all([readStacks(aws), account()]);
    const wanted = stacks.filter(
      (stack) => (name ?? stack.name) === stack.name && (environment ?? stack.environment) === stack.environment,
    );
    return looked(wanted, { region: aws.region, account: id }, context, paint);
  };
}

function looked(
  stacks: StackSummary[],
  place: { region: string | null; account: string | null },
  context: Context,
  paint: Paint,
): Looked<StacksDocument> {
  const isWell = stacks.every(({ state }) => state === "healthy" || state === "absent");
  return {
    exitCode: isWell ? 0 : 3,
    document: { ...place, stacks },
    text: allText(stacks, place, context, paint),
    facts: stacks.map(factOf),
  };
}

function allText(
  stacks: StackSummary[],
  { region, account }: { region: string | null; account: string | null },
  context: Context,
  paint: Paint,
): string {
  if (region === null) return "The sandbox is not running, so there are no stacks in it.";
  const where = `${region} of account ${account}`;
  if (stacks.length === 0) return `No stacks in ${where}. Deploy with: ${commandLine("deploy", context)}`;
  const head = ["stack", "environment", "state", "instances", "release", "url"];
  const colours = { healthy: paint.green, degraded: paint.red, deploying: paint.yellow, absent: paint.dim };
  const rows = stacks.map((stack) => {
    const cells = cellsOf(stack);
    return { cells: cells.map((cell, column) => (column === 2 ? colours[stack.state](cell) : cell)) };
  });
  return [
    `${stacks.length === 1 ? "1 stack" : `${stacks.length} stacks`} in ${where}`,
    "",
    ...table(head, rows, columnsOf(process.stdout), paint),
  ].join("\n");
}

function cellsOf({ name, environment, state, instances, release, url }: StackSummary): string[] {
  if (state === "absent") return [name, environment, state, "", "", "only images are left"];
  return [name, environment, state, instancesText(instances), release ?? "", url ?? ""];
}

function instancesText({ healthy, wanted }: StackSummary["instances"]): string {
  return `${healthy} of ${wanted}`;
}

function factOf(stack: StackSummary): Fact {
  const about = stackKey(stack);
  const { state, instances, release, url } = stack;
  return {
    about,
    text: [about, state, `${instancesText(instances)} healthy`, release, url].filter(Boolean).join(" "),
    stays: true,
  };
}
