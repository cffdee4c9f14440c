import assert from "node:assert/strict";
import { test } from "node:test";
import { repeatedKeys } from "../../src/config/repeated.ts";

for (const [text, places] of [
  ['{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 1}]}', []],
  ['{"a": 1, "a": 1, "a": 1}', [["a"], ["a"]]],
  ['{"a": {"b": 1, "c": 2, "b": 3}}', [["a", "b"]]],
  ['{"a": [0, [], {"b": 1}, {"b": 1, "b" : 2}]}', [["a", 3, "b"]]],
  ['{"a": "{\\"b\\": 1, \\"b\\": 2,", "b": "a", "c": ["b", "b"]}', []],
  ['{"a": 1, "\\u0061": 2}', [["a"]]],
  ['{"__proto__": 1, "__proto__": 2}', [["__proto__"]]],
  ['{"": {"": 1, "": 2}}', [["", ""]]],
  ["[]", []],
  ["null", []],
] as const) {
  test(`keys that come again in ${text}`, () => assert.deepEqual(repeatedKeys(text), places));
}
