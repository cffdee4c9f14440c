import assert from "node:assert/strict";
import { test } from "node:test";
import { paintFor } from "../../src/output/paint.ts";
import { table } from "../../src/output/table.ts";

const head = ["release", "created", "commit"];
const rows = [
  { mark: "* ", cells: ["3f15e169fbe3", "2026-01-31 12:00", "0123456789ab and changes"] },
  { cells: ["a3468b522129", "2026-01-30 09:30", ""] },
];

test("rows stand below each other, and fold alike where the terminal is too narrow", () => {
  assert.deepEqual(table(head, rows, 80, paintFor(false)), [
    "  release       created           commit",
    "* 3f15e169fbe3  2026-01-31 12:00  0123456789ab and changes",
    "  a3468b522129  2026-01-30 09:30",
  ]);
  assert.deepEqual(table(head, rows, 40, paintFor(false)), [
    "  release       created",
    "      commit",
    "* 3f15e169fbe3  2026-01-31 12:00",
    "      0123456789ab and changes",
    "  a3468b522129  2026-01-30 09:30",
  ]);
});

test("colours take no room", () => {
  const paint = paintFor(true);
  const coloured = rows.map((row) => ({ ...row, cells: row.cells.map((cell) => paint.green(cell)) }));
  const [, first = ""] = table(head, coloured, 80, paint);
  assert.equal(
    first,
    `* ${paint.green("3f15e169fbe3")}  ${paint.green("2026-01-31 12:00")}  ${paint.green("0123456789ab and changes")}`,
  );
});
