import { placeOf } from "../deploy/prepare.ts";
import { readReleases } from "../deploy/releases.ts";
import type { Release, ReleasesDocument } from "../documents.ts";
import { look } from "../engine/look.ts";
import { hasColour } from "../output/colour.ts";
import type { Outcome } from "../output/document.ts";
import { columnsOf } from "../output/fit.ts";
import { type Paint, paintFor } from "../output/paint.ts";
import { table } from "../output/table.ts";
import { autoScalingGroup } from "../resources/auto-scaling-group.ts";
import { type ImageLive, image } from "../resources/image.ts";
import { launchTemplate } from "../resources/launch-template.ts";
import { type Context, isSandboxDown, nameStack, openNamed } from "../session.ts";
import { type Stack, stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

/** Lists the releases that a rollback could go to, newest first, and which one serves. Changes nothing. */
export async function releases(context: Context): Promise<Outcome<ReleasesDocument>> {
  if (await isSandboxDown(context)) return noneInSandbox(context);
  const session = await openNamed(context);
  const { aws, stack } = session;
  const [place, seen] = await Promise.all([
    placeOf(session),
    look(aws, stack, [image, launchTemplate, autoScalingGroup]),
  ]);
  const { images, live } = await readReleases(aws, seen);
  const list = images.map((one) => releaseOf(one, live?.imageId));
  const paint = paintFor(hasColour(process.stdout, context.options.color, process.env));
  return {
    exitCode: 0,
    document: { stack: place, releases: list },
    text: releasesText(list, stack, context, paint),
  };
}

async function noneInSandbox(context: Context): Promise<Outcome<ReleasesDocument>> {
  const { name, environment } = await nameStack(context);
  return {
    exitCode: 0,
    document: { stack: { name, environment, region: null, account: null }, releases: [] },
    text: "The sandbox is not running, so there are no releases in it.",
  };
}

function releaseOf({ id, release, base, created, sizeGiB, tags }: ImageLive, live: string | undefined): Release {
  const { "multivac:commit": commit, "multivac:dirty": dirty } = tags;
  return {
    release,
    image: id,
    base,
    created: created && new Date(created).toISOString(),
    sizeGiB,
    live: id === live,
    ...(commit ? { commit } : {}),
    ...(dirty ? { dirty: dirty === "true" } : {}),
  };
}

function releasesText(list: Release[], stack: Stack, context: Context, paint: Paint): string {
  if (list.length === 0)
    return `${paint.bold(stackKey(stack))} has no releases. Deploy with: ${commandLine("deploy", context)}`;
  const head = ["release", "created", "size", "image", "commit", ""];
  const rows = list.map(({ release, created, sizeGiB, image: id, commit, dirty, live }) => {
    const colour = live ? paint.green : (text: string) => text;
    const cells = [
      release,
      created.replace(/^(.{10})T(.{5}).*$/, "$1 $2"),
      `${sizeGiB} GiB`,
      id,
      commit ? `${commit.slice(0, 12)}${dirty ? " and changes" : ""}` : "",
      live ? "live" : "",
    ];
    return { mark: live ? colour("* ") : "  ", cells: cells.map((cell) => cell && colour(cell)) };
  });
  return table(head, rows, columnsOf(process.stdout), paint).join("\n");
}
