import { placeOf } from "../deploy/prepare.ts";
import type { EventsDocument } from "../documents.ts";
import { readEvents } from "../events/read.ts";
import { hasColour } from "../output/colour.ts";
import type { Outcome } from "../output/document.ts";
import { eventsText } from "../output/events.ts";
import { dayAndTime } from "../output/moment.ts";
import { paintFor } from "../output/paint.ts";
import { type CommonOptions, type Context, isSandboxDown, nameStack, openNamed } from "../session.ts";
import { parseSince } from "../since.ts";
import { stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

interface EventsOptions extends CommonOptions {
  since?: string;
}

/** Tells what happened to the stack, newest last, also after it was taken down. Changes nothing. */
export async function events(context: Context, { since }: EventsOptions): Promise<Outcome<EventsDocument>> {
  const from = since === undefined ? undefined : parseSince(since, new Date());
  if (await isSandboxDown(context)) return noneInSandbox(context);
  const session = await openNamed(context);
  const { seen, events: list } = await readEvents(session, from);
  const paint = paintFor(hasColour(process.stdout, context.options.color, process.env));
  const key = stackKey(session.stack);
  return {
    exitCode: 0,
    document: { stack: await placeOf(session, seen), events: list },
    text: list.length > 0 ? eventsText(key, list, paint) : noneText(key, from, context),
  };
}

function noneText(key: string, since: Date | undefined, context: Context): string {
  if (!since) return `AWS knows of nothing that has happened to ${key}.`;
  const all = commandLine("events", context);
  return `Nothing has happened to ${key} since ${dayAndTime(since)}. All that AWS knows: ${all}`;
}

async function noneInSandbox(context: Context): Promise<Outcome<EventsDocument>> {
  const { name, environment } = await nameStack(context);
  return {
    exitCode: 0,
    document: { stack: { name, environment, region: null, account: null }, events: [] },
    text: "The sandbox is not running, so nothing happens in it.",
  };
}
