/** Whether a version is one that a requirement takes; its numbers alone are compared. */
export function allows(requirement: string, version: string): boolean {
  const [wanted = ""] = requirement.split(";");
  return [...wanted.matchAll(/(===?|~=|!=|<=|>=|<|>)\s*([\w.*]+)/g)].every(([, operator = "", other = ""]) => {
    const order = compare(version, other);
    const starts = `${version}.`.startsWith(other.replace(/\*$/, "").replace(/\.?$/, "."));
    switch (operator) {
      case "==":
      case "===":
        return other.endsWith("*") ? starts : order === 0;
      case "!=":
        return other.endsWith("*") ? !starts : order !== 0;
      case "~=":
        return order >= 0 && `${version}.`.startsWith(`${other.split(".").slice(0, -1).join(".")}.`);
      case "<":
        return order < 0;
      case "<=":
        return order <= 0;
      case ">":
        return order > 0;
      default:
        return order >= 0;
    }
  });
}

function compare(a: string, b: string): number {
  const numbers = (version: string) =>
    version
      .split(/[^0-9]+/)
      .filter(Boolean)
      .map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
