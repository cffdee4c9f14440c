import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { wrap } from "../../src/output/wrap.ts";

test("a line that fits stays as it is", () => {
  assert.deepEqual(wrap("  a  b", 6), ["  a  b"]);
  assert.deepEqual(wrap("", 6), [""]);
});

test("a line that does not is broken between words, and goes on indented", () => {
  assert.deepEqual(wrap("  one two three four", 12), ["  one two", "    three", "    four"]);
});

test("a word that is longer than a line is broken itself", () => {
  assert.deepEqual(wrap("ab 0123456789", 8), ["ab", "    0123", "    4567", "    89"]);
});

test("colours take no room and go on in the next line", () => {
  const [first = "", second = "", ...more] = wrap("\u001b[31mred red\u001b[39m plain", 9);
  assert.deepEqual(more, []);
  assert.equal(stripVTControlCharacters(first), "red red");
  assert.equal(second, "    plain");
  for (let columns = 6; columns < 40; columns += 1)
    for (const line of wrap(
      `  \u001b[1mi-0123456789abcdef0\u001b[22m  healthy  ${"words of a reason ".repeat(4)}`,
      columns,
    ))
      assert.ok(stripVTControlCharacters(line).length <= columns, line);
});
