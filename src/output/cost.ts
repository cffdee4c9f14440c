import { noPrice, unpriced } from "../cost/estimate.ts";
import type { PlannedCost } from "../cost/planned.ts";
import { priceListSource } from "../cost/price.ts";
import type { CostItem, Range } from "../documents.ts";
import type { Paint } from "./paint.ts";

/** What a stack costs, as a command tells it. */
export interface ShownCost {
  /** `hello-dev in ap-southeast-2` */
  place: string;
  region: string;
  items: readonly CostItem[];
  month: Range;
  /** What is there now; undefined where AWS could not be asked. */
  now: Range | undefined;
  /** Whether anything is there that is billed. */
  isThere: boolean;
  leftOut: readonly string[];
  notes: readonly string[];
}

/** An estimate as a person reads it: the sum, a line for each thing, whose prices these are, what is left out. */
export function costText(shown: ShownCost, paint: Paint, columns: number): string {
  const { place, items, month, now, leftOut, notes } = shown;
  return [
    `${paint.bold(`${place}: ${rangeText(month)} USD a month`)}, ${besides(items)}`,
    ...(now ? nowText(shown, now) : []),
    "",
    ...tableOf(shown, paint, columns),
    "",
    ...sourcesOf(shown),
    ...[...unpricedText(items), ...notes].map((line) => `${paint.yellow("!")} ${line}`),
    "Not in it:",
    ...leftOut.map((line) => `  - ${line}`),
  ].join("\n");
}

/** What a sum leaves out. */
function besides(items: readonly CostItem[]): string {
  return unpriced(items).length > 0 ? "without what has no price here" : "and what its traffic costs";
}

/** `12.30`, or `12.30–45.60`. */
function rangeText({ min, max }: Range): string {
  return min === max ? money(max) : `${money(min)}–${money(max)}`;
}

/** Sums without all prices are not compared. */
function nowText({ month: then, items, isThere }: ShownCost, now: Range): string[] {
  if (!isThere) return ["Nothing of it is there yet."];
  if (unpriced(items).length > 0) return [];
  const same = now.min === then.min && now.max === then.max;
  return [same ? "What is there now costs the same." : `What is there now costs ${rangeText(now)} USD a month.`];
}

/** What a plan does to the costs, and of what they are; nothing where it does nothing to them. `more` is the command that tells the rest. */
export function plannedCostText({ now, month, items, changed }: PlannedCost, more: string, paint: Paint): string[] {
  if (!changed) return [];
  const missing = unpriced(items).map(({ what }) => what);
  const from = now.max > 0 && missing.length === 0 ? `${rangeText(now)} → ` : "";
  const billed = items.flatMap(({ what, monthly }) => (monthly ? `${what} ${rangeText(monthly)}` : []));
  const listed = items.filter(({ source }) => source === priceListSource);
  const dated = datedOf(items);
  const prices = [
    ...(listed.length > 0 ? [`prices published ${daysOf(listed)}`] : []),
    ...(dated.length > 0 ? [`prices of ${whenAndWhere(dated)}, which differ by region`] : []),
  ];
  return [
    `${paint.bold(`Costs: ${from}${rangeText(month)} USD a month`)}, ${besides(items)}${missing.length > 0 ? `: ${missing.join(", ")}` : ""}`,
    ...(billed.length > 0 ? [`  ${billed.join("; ")}`] : []),
    paint.dim(`  ${[...prices, `more: ${more}`].join("; ")}`),
  ];
}

interface Row {
  what: string;
  count: string;
  price: string;
  unit: string;
  from: string;
  to: string;
  /** Stands in place of a sum. */
  words: string;
}

type Column = keyof Row;

/** One line for each thing, numbers below numbers. Single prices are left out where the terminal has no room for them. */
function tableOf({ items, month, region }: ShownCost, paint: Paint, columns: number): string[] {
  const digits = Math.max(...items.map(({ price }) => decimals(price)));
  const rows = items.map((item, index) => rowOf(item, region, digits, items[index - 1]?.resource === item.resource));
  const total: Row = { what: "a month, USD", count: "", price: "", unit: "", ...moneyCells(month) };
  const all = [...rows, total];
  const width = (column: Column) => Math.max(...all.map((row) => row[column].length));
  const [from, to] = [width("from"), width("to")];
  const sum = Math.max(from + to, width("words"));
  const priced = width("price") + width("unit");
  const fits = 2 + width("what") + 2 + width("count") + 2 + priced + 2 + sum <= columns;
  const line = (row: Row) => {
    const single = fits ? `  ${row.price.padStart(width("price"))}${row.unit.padEnd(width("unit"))}` : "";
    const money = row.words || `${row.from.padStart(from)}${row.to.padStart(to)}`;
    return `  ${row.what.padEnd(width("what"))}  ${row.count.padStart(width("count"))}${single}  ${money.padStart(sum)}`;
  };
  return [...rows.map(line), paint.bold(line(total))];
}

function rowOf(
  { what, count, price, unit, monthly, quantity, why, priceRegion }: CostItem,
  region: string,
  digits: number,
  below: boolean,
): Row {
  const none = { from: "", to: "", words: (quantity === null && why) || "unknown" };
  return {
    what: `${below ? "  " : ""}${what}`,
    count: count ? countText(count) : "",
    price: price === null ? "" : price.toFixed(digits),
    unit: price === null ? "" : `/${unit}${priceRegion === region ? "" : "*"}`,
    ...(monthly ? moneyCells(monthly) : none),
  };
}

function moneyCells({ min, max }: Range): Pick<Row, "from" | "to" | "words"> {
  return { from: min === max ? "" : `${money(min)} – `, to: money(max), words: "" };
}

function countText({ min, max }: Range): string {
  return min === max ? `${max}` : `${min}–${max}`;
}

function money(usd: number): string {
  return usd.toFixed(2);
}

function decimals(price: number | null): number {
  return price === null ? 0 : (/\.(\d+)$/.exec(`${price}`)?.[1]?.length ?? 0);
}

/** Whose prices these are, and of when. */
function sourcesOf({ items, region }: ShownCost): string[] {
  const listed = items.filter(({ source }) => source === priceListSource);
  const dated = datedOf(items);
  return [
    "On demand, in 730 hours a month, rounded to cents.",
    ...(listed.length > 0 ? [`Prices of ${region} from AWS's price list, published ${daysOf(listed)}.`] : []),
    ...(dated.length > 0 ? [`* Prices of ${whenAndWhere(dated)}, which may have changed and differ by region:`] : []),
    ...[...new Set(dated.map(({ source }) => `  ${source}`))],
  ];
}

function datedOf(items: readonly CostItem[]): CostItem[] {
  return items.filter(({ source }) => source !== null && source !== priceListSource);
}

function whenAndWhere(items: readonly CostItem[]): string {
  return [...new Set(items.map(({ priceRegion, date }) => `${priceRegion} in ${date}`))].join(", ");
}

function daysOf(items: readonly CostItem[]): string {
  const days = [...new Set(items.flatMap(({ date }) => date ?? []))].sort();
  return days.length > 1 ? `${days[0]} to ${days.at(-1)}` : (days[0] ?? "");
}

/** What has no price, and why. */
function unpricedText(items: readonly CostItem[]): string[] {
  const plain = unpriced(items).filter(({ why }) => why === noPrice);
  const others = unpriced(items).filter(({ why }) => why !== noPrice);
  return [
    ...(plain.length > 0 ? [`No price is known here for: ${plain.map(({ what }) => what).join(", ")}.`] : []),
    ...others.map(({ what, why }) => `${what}: ${why}.`),
  ];
}
