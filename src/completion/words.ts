/**
 * The words of a command line as a shell would give them to a program, from what stands on the line: quotes and
 * backslashes go, the last quote may be open, and a leading ~ is the home folder. Nothing else is expanded, so that nothing is run.
 */
export function typedWords(
  raw: readonly string[],
  { isQuoted }: { isQuoted: boolean },
  home: string | undefined,
): string[] {
  return raw.map((word) => {
    const typed = isQuoted ? unquoted(word) : word;
    return home && /^~(\/|$)/.test(word) ? `${home}${typed.slice(1)}` : typed;
  });
}

/** Of quotes as POSIX has them ("Shell Command Language", 2.2 Quoting). */
function unquoted(word: string): string {
  return word.replace(
    /'([^']*)(?:'|$)|"((?:\\.|[^"\\])*)(?:"|$)|\\(.)/gs,
    (_, single: string | undefined, double: string | undefined, escaped: string | undefined) =>
      single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? "",
  );
}
