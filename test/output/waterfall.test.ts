import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { temporaryFolder, writeConfig } from "../command-line.ts";
import { eventually } from "../eventually.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";
import { multivacOnTerminal } from "../terminal.ts";

let aws: TestSandbox;
before(async () => {
  aws = await startSandbox("se-waterfall", { machines: false });
  await aws.control("settings", { loadBalancerSeconds: 600 });
});
after(() => aws.stop());

const utf8 = { LC_ALL: "", LC_CTYPE: "", LANG: "C.UTF-8" };
const wanted = [
  { name: "narrow", columns: 60, env: utf8, marks: ["█", "▒"] },
  { name: "usual", columns: 80, env: { ...utf8, NO_COLOR: "1" }, marks: ["█", "▒"] },
  { name: "wide", columns: 200, env: { ...utf8, LC_ALL: "C" }, marks: ["#", "="] },
] as const;

test("a deploy ends with a picture as wide as the terminal, the critical path marked", async (t) => {
  const deploy = async (name: string, columns: number, env: Record<string, string>, ...more: string[]) => {
    const folder = await temporaryFolder(t);
    await writeConfig(folder, { name, image: { id: aws.baseImageId } });
    return await multivacOnTerminal(["deploy", "--yes", "--sandbox", ...more], {
      cwd: folder,
      columns,
      env: { MULTIVAC_SANDBOX: "test-se-waterfall", ...env },
      typed: [],
    });
  };
  const deploying = [
    deploy("for-scripts", 80, utf8, "--json"),
    deploy("silent", 80, utf8, "--quiet"),
    ...wanted.map(({ name, columns, env }) => deploy(name, columns, env)),
  ];
  // All of them wait for their load balancers then, for long enough to be worth a picture.
  await eventually(async () => (await aws.state()).listener?.length === deploying.length);
  await sleep(5000);
  await aws.control("settings", { loadBalancerSeconds: 0.2 });
  const [json, quiet, ...pictures] = await Promise.all(deploying);
  for (const { code = 1, screen = "" } of [json ?? {}, quiet ?? {}]) {
    assert.equal(code, 0, screen);
    assert.doesNotMatch(screen, /critical path/);
  }
  for (const [index, { columns, env, marks }] of wanted.entries()) {
    const { code, screen = "" } = pictures[index] ?? {};
    assert.equal(code, 0, screen);
    // What the spinner drew stands before the cursor's last return to the first column.
    const all = screen.split("\r\n").map((line) => line.split("\u001b[1G").at(-1) ?? "");
    const plain = all.map((line) => stripVTControlCharacters(line));
    const last = plain.findIndex((line) => line.includes("critical path"));
    const first = plain.findIndex((line) => line.startsWith("  look at AWS"));
    assert.ok(first > 0 && last > first, screen);
    const [critical, other] = marks;
    const picture = plain.slice(first, last);
    const bar = (name: string) => picture.find((line) => line.startsWith(`  ${name}`)) ?? "";
    assert.match(bar("load balancer active"), new RegExp(`[0-9] s +${critical}+$`));
    // Which of these two is seen to end last is a matter of when they are looked at; the one cannot without the other.
    assert.match(bar("instances healthy"), new RegExp(`[0-9] s +[${critical}${other}]+$`));
    assert.ok(
      picture.some((line) => line.trimEnd().endsWith(other)),
      picture.join("\n"),
    );
    assert.match(bar("lock"), new RegExp(`${critical}$`));
    const longest = Math.max(...plain.slice(first, last + 1).map(({ length }) => length));
    assert.ok(longest < columns && longest > columns - 6, `${longest} of ${columns}\n${picture.join("\n")}`);

    const coloured = all
      .slice(first, last + 1)
      .join("")
      .includes("\u001b[36m");
    assert.equal(coloured, !("NO_COLOR" in env));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    if (critical === "#") assert.match(plain.slice(first, last + 1).join("\n"), /^[\x00-\x7f]+$/);

    const [, aws = "", own = ""] = /critical path: AWS ([\d.]+) s, multivac ([\d.]+) s$/.exec(plain[last] ?? "") ?? [];
    const done = /Done in ([\d.]+) s/.exec(screen)?.[1];
    assert.ok(Math.abs(Number(aws) + Number(own) - Number(done)) < 0.16, `${plain[last]}; ${done}`);
    assert.ok(Number(aws) >= 4);
  }
});
