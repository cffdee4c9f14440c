/** True when an HTTP code fits a target group's matcher, like `200,301-399`. */
export function matches(matcher: string, code: number): boolean {
  return matcher.split(",").some((part) => {
    const [first, last = first] = part.split("-").map(Number);
    return first !== undefined && last !== undefined && code >= first && code <= last;
  });
}
