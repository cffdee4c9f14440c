import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, fit, widthOf } from "../../src/output/fit.ts";
import { paintFor } from "../../src/output/paint.ts";

const lines = (text: string, columns: number) => fit(text, columns).split("\n");

test("text that fits stays as it is, and so does all that goes to a pipe", () => {
  const text = "✔ load balancer 0.9 s  loadbalancer/app/hello/280d38d5870ea94e\n\n  indented";
  assert.equal(fit(text, 80), text);
  const long = "word ".repeat(100);
  assert.equal(fit(long, columnsOf({})), long);
  assert.equal(columnsOf({ isTTY: true, columns: 0 }), Number.POSITIVE_INFINITY);
  assert.equal(columnsOf({ isTTY: true, columns: 60 }), 60);
});

test("what is broken hangs below the mark, or behind the indentation", () => {
  assert.deepEqual(lines("✖ The load balancer is not active yet.", 20), [
    "✖ The load balancer",
    "  is not active yet.",
  ]);
  assert.deepEqual(lines("  network.vpcId: expected a VPC, got nothing", 24), [
    "  network.vpcId:",
    "    expected a VPC, got",
    "    nothing",
  ]);
});

test("a line of cells breaks between them, and hangs below the second", () => {
  assert.deepEqual(lines("  i-62457fb0  ap-southeast-2a  a3468b522129  the request timed out", 40), [
    "  i-62457fb0  ap-southeast-2a",
    "              a3468b522129",
    "              the request timed out",
  ]);
  assert.deepEqual(lines("    egress  tcp 443 0.0.0.0/0, tcp 53 0.0.0.0/0, udp 53 0.0.0.0/0", 40), [
    "    egress  tcp 443 0.0.0.0/0, tcp 53",
    "            0.0.0.0/0, udp 53 0.0.0.0/0",
  ]);
});

test("a word that is too long for its cell begins further left, and is whole", () => {
  const url = "http://hello-dev-lb-123456789.ap-southeast-2.elb.amazonaws.com/";
  assert.deepEqual(lines(`  url                  ${url}`, 66), ["  url", `    ${url}`]);
  assert.deepEqual(lines(`  url                  ${url}`, 20), ["  url", `    ${url}`]);
});

test("commands are not broken, at the end of a line or in backquotes", () => {
  const command = "multivac deploy --sandbox --config config.example.json";
  assert.deepEqual(lines(`→ Go on with: ${command}`, 60), ["→ Go on with:", `  ${command}`]);
  assert.deepEqual(lines(`→ Go on with: node dist/cli.cjs status --name hello`, 30), [
    "→ Go on with:",
    "  node dist/cli.cjs status --name hello",
  ]);
  assert.deepEqual(lines("→ See whether `apt-get update` works here.", 26), [
    "→ See whether",
    "  `apt-get update` works",
    "  here.",
  ]);
});

test("colours and links take no room and do not get lost", () => {
  const paint = paintFor(true);
  const link = (text: string) => `\u001b]8;;file:///errors.md#code\u001b\\${text}\u001b]8;;\u001b\\`;
  const text = `  ${paint.dim("release".padEnd(9))}  ${paint.green("a3468b522129")} ${link("(a-code)")}`;
  assert.equal(widthOf(text), 34);
  assert.equal(fit(text, 34), text);
  const [first = "", second = ""] = lines(text, 26);
  assert.equal(first, `  ${paint.dim("release  ")}  ${paint.green("a3468b522129")}`);
  assert.equal(second, `${" ".repeat(13)}${link("(a-code)")}`);
  const bold = fit(paint.bold("one two three"), 8);
  assert.equal(bold.replace(/\n */g, " "), paint.bold("one two three"));
});
