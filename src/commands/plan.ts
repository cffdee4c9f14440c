import { costDocument, plannedCost, priceLimit } from "../cost/planned.ts";
import { writePlanFile } from "../deploy/plan-file.ts";
import { prepare } from "../deploy/prepare.ts";
import { savedPlan } from "../deploy/saved-plan.ts";
import type { PlanDocument } from "../documents.ts";
import { hasColour } from "../output/colour.ts";
import { plannedCostText } from "../output/cost.ts";
import type { Outcome } from "../output/document.ts";
import { paintFor } from "../output/paint.ts";
import { planText } from "../output/plan.ts";
import type { CommonOptions, Context } from "../session.ts";
import { commandLine } from "./hint.ts";

interface PlanOptions extends CommonOptions {
  image?: string;
  detailedExitcode?: boolean;
  out?: string;
}

/** Shows what deploy would do, resource by resource, field by field, and saves it with --out. Changes nothing. */
export async function plan(context: Context, options: PlanOptions): Promise<Outcome<PlanDocument>> {
  const prepared = await prepare(context, options);
  const { place, plan, inputs } = prepared;
  if (options.out !== undefined) {
    const saved = savedPlan(prepared, new Date());
    await writePlanFile(options.out, saved, inputs.config, options.config ?? "config.json");
  }
  const cost = await plannedCost(prepared, { limit: priceLimit, stop: context.stop });
  const paint = paintFor(hasColour(process.stdout, options.color, process.env));
  return {
    exitCode: options.detailedExitcode && plan.changed ? 2 : 0,
    document: { stack: place, changes: plan.changes, cost: costDocument(cost) },
    text: plan.changed
      ? [planText(place, plan.changes, paint), ...plannedCostText(cost, commandLine("cost", context), paint)].join("\n")
      : "No changes: AWS is as the config says.",
  };
}
