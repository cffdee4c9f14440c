/** The page of errors with an anchor before each code of its tables, so that a link can lead to it. */
export function withAnchors(page: string): string {
  return page.replaceAll(/^\| (?:<a id="[^"]*"><\/a>)*((?:`[a-z-]+`(?:, )?)+) \|/gm, (_, codes: string) => {
    const anchors = [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => `<a id="${code}"></a>`);
    return `| ${anchors.join("")}${codes} |`;
  });
}

/** The codes that have an anchor. */
export function anchorsOf(page: string): string[] {
  return [...page.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id = ""]) => id);
}
