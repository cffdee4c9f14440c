import { explainAll } from "../aws/explain.ts";
import { chargesNow, chargesOf } from "../cost/charges.ts";
import { estimate, monthOf, usagesOf } from "../cost/estimate.ts";
import { lookAtCharged } from "../cost/facts.ts";
import { leftOut } from "../cost/left-out.ts";
import { nothing } from "../cost/planned.ts";
import { pricesFor } from "../cost/prices.ts";
import type { CostDocument } from "../documents.ts";
import { Failure } from "../failure.ts";
import { hasColour } from "../output/colour.ts";
import { costText } from "../output/cost.ts";
import type { Outcome } from "../output/document.ts";
import { columnsOf } from "../output/fit.ts";
import { paintFor } from "../output/paint.ts";
import { type Context, nameStack, openConfigured } from "../session.ts";
import { stackKey } from "../stack.ts";
import { commandLine } from "./hint.ts";

/** How long AWS's price list may take, in milliseconds. */
const limit = 30_000;

/**
 * Says what the config costs a month on AWS, resource by resource, and what that leaves out; beside it what is there
 * now. Needs no stack, and where AWS cannot be asked says less. Changes nothing.
 */
export async function cost(context: Context): Promise<Outcome<CostDocument>> {
  if (context.options.sandbox) return await ofSandbox(context);
  const { loaded, ...session } = await openConfigured(context);
  const { aws, stack } = session;
  const { config } = loaded;

  const [account, looked] = await Promise.all([
    unlessRefused(session.account()),
    unlessRefused(lookAtCharged(aws, stack, config)),
  ]);
  const { seen, image, facts } = looked.answer ?? {};
  const wanted = chargesOf(config, image, facts);
  const now = seen && chargesNow(seen, facts);
  const usages = new Set([wanted, ...(now ? [now] : [])].flatMap(usagesOf));
  const prices = await pricesFor(aws, [...usages], { limit, stop: context.stop });

  const items = estimate(wanted, prices);
  const itemsNow = now && estimate(now, prices);
  const shown = {
    month: monthOf(items),
    now: itemsNow && monthOf(itemsNow),
    items,
    leftOut: leftOut(config.instances.type),
    notes: notesOn(looked.trouble, prices.trouble),
  };
  const place = { ...stack, region: aws.region, account: account.answer ?? null };
  const paint = paintFor(hasColour(process.stdout, context.options.color, process.env));
  const about = {
    ...shown,
    isThere: itemsNow?.length !== 0,
    place: `${stackKey(stack)} in ${aws.region}`,
    region: aws.region,
  };
  return {
    exitCode: 0,
    document: { stack: place, currency: "USD", ...shown, now: shown.now ?? null },
    text: costText(about, paint, columnsOf(process.stdout)),
  };
}

/** An answer of AWS; where it refuses or is out of reach, why. Anything else is thrown. */
async function unlessRefused<T>(asking: Promise<T>): Promise<{ answer?: T; trouble?: string }> {
  try {
    return { answer: await asking };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const [explained] = explainAll(error);
    if (explained instanceof Failure) return { trouble: explained.message };
    throw error;
  }
}

function notesOn(look: string | undefined, list: string | undefined): string[] {
  if (look && look === list) return [`Neither the stack nor AWS's price list could be looked at. ${look}`];
  return [
    ...(look ? [`What is there could not be looked at. ${look}`] : []),
    ...(list ? [`AWS's price list could not be asked. ${list}`] : []),
  ];
}

async function ofSandbox(context: Context): Promise<Outcome<CostDocument>> {
  const { name, environment } = await nameStack(context);
  const { sandbox: _, ...options } = context.options;
  return {
    exitCode: 0,
    document: {
      stack: { name, environment, region: null, account: null },
      currency: "USD",
      month: nothing,
      now: nothing,
      items: [],
      leftOut: [],
      notes: [],
    },
    text: `The sandbox costs nothing. What ${stackKey({ name, environment })} would cost on AWS: ${commandLine("cost", { options })}`,
  };
}
