// A node:test reporter that counts, so that a file that ran nothing is noticed.
export default async function* count(events) {
  const result = { passed: 0, failed: 0, skipped: 0, byFile: {} };
  for await (const { type, data } of events) {
    if ((type !== "test:pass" && type !== "test:fail") || data.details?.type === "suite") continue;
    // A test file shows up as a test of its own; it does not count.
    if (data.file === undefined || data.name === data.file || data.file.endsWith(`/${data.name}`)) continue;
    if (data.skip !== undefined || data.todo !== undefined) result.skipped++;
    else if (type === "test:fail") result.failed++;
    else {
      result.passed++;
      result.byFile[data.file] = (result.byFile[data.file] ?? 0) + 1;
    }
  }
  yield JSON.stringify(result);
}
