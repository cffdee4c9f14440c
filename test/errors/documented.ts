import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { packageRoot, type Ran } from "../command-line.ts";

/** A row of the tables in docs/errors.md. */
interface Documented {
  exits: number[];
  meaning: string;
  fix: string;
}

const text = readFileSync(path.join(packageRoot, "docs/errors.md"), "utf8");

/** What docs/errors.md tells of each code. */
export const documented: ReadonlyMap<string, Documented> = new Map(
  [...text.matchAll(/^\| (?:<a [^|]*<\/a>)?(`[^|]+`) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].flatMap(
    ([, codes = "", exits = "", meaning = "", fix = ""]) =>
      [...codes.matchAll(/`([^`]+)`/g)].map(([, code = ""]): [string, Documented] => [
        code,
        { exits: (exits.match(/\d+/g) ?? []).map(Number), meaning, fix },
      ]),
  ),
);

/** That a run ended with an error of this code, as documented, and with this next step and cause. */
export function assertEnds(
  ran: Pick<Ran, "code" | "stderr" | "json">,
  code: string,
  {
    exit,
    fix = /./,
    cause = /^/,
    message = /./,
  }: { exit?: number; fix?: RegExp; cause?: RegExp; message?: RegExp } = {},
): void {
  const { error } = ran.json();
  assert.equal(error?.code, code, ran.stderr);
  const { exits = [] } = documented.get(code) ?? {};
  assert.ok(exits.includes(ran.code), `${code} ends with ${ran.code}, documented is ${exits}`);
  if (exit !== undefined) assert.equal(ran.code, exit);
  assert.match(error?.message ?? "", message);
  assert.match(error?.cause ?? "", cause);
  assert.match(error?.fix ?? "", fix);
}
