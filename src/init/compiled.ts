/** Packages that PyPI has no wheels of for Linux: what compiles them, and what brings its own instead. */
const compiled: { name: string; extra?: string; needs: string; instead?: string }[] = [
  { name: "psycopg2", needs: "gcc, python3-dev and libpq-dev", instead: "psycopg2-binary" },
  { name: "psycopg", extra: "c", needs: "gcc, python3-dev and libpq-dev", instead: "psycopg[binary]" },
  { name: "mysqlclient", needs: "gcc, pkg-config, python3-dev and default-libmysqlclient-dev" },
  { name: "python-ldap", needs: "gcc, python3-dev, libldap2-dev and libsasl2-dev" },
  { name: "uwsgi", needs: "gcc and python3-dev" },
];

/** What to tell of requirements that pip compiles while the image is baked. */
export function compiledNotes(requirements: ReadonlyMap<string, string>): string[] {
  return compiled.flatMap(({ name, extra, needs, instead }) => {
    const [, extras = ""] = /^[^[;]*\[([^\]]*)\]/.exec(requirements.get(name) ?? "") ?? [];
    const isThere = requirements.has(name) && (!extra || extras.split(/\s*,\s*/).includes(extra));
    if (!isThere) return [];
    const other = instead ? ` ${instead} brings its own.` : "";
    return [
      `${name}${extra ? `[${extra}]` : ""} has no wheel for Linux: pip compiles it, for which app.packages has to name a compiler and headers, by the system's names (in Debian and Ubuntu ${needs}).${other}`,
    ];
  });
}
