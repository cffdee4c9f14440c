/** Whether the Node that runs this is older than a package's `engines` ask for, like `>=20.12.0`. */
export function isOlder(version: string, engines: string): boolean {
  const [is, least] = [version, engines].map((text) => (text.match(/\d+/g) ?? []).map(Number));
  const differing = least?.findIndex((number, index) => number !== is?.[index]) ?? -1;
  return differing >= 0 && (is?.[differing] ?? 0) < (least?.[differing] ?? 0);
}

/** Says which Node is needed, as a command tells its failures, and loads nothing for it: it might not load. */
export function refuseOldNode(version: string, engines: string): void {
  const error = {
    code: "node-too-old",
    message: `multivac needs Node ${engines.replace(/^>=/, "")} or later; this is ${version}.`,
    fix: "Install a newer one: https://nodejs.org/en/download",
  };
  process.stderr.write(`✖ ${error.message}\n→ ${error.fix}\n  (${error.code})\n`);
  if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ version: 1, error })}\n`);
  process.exitCode = 1;
}
