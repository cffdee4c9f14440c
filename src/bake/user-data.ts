import { createHash } from "node:crypto";

/** What an instance is told at boot; none of it is in the image. */
export interface BootSettings {
  port: number;
  env: Readonly<Record<string, string>>;
  release: string;
}

/** EC2's limit on user data, counted before base64. */
export const userDataLimitBytes = 16 * 1024;

/** The script that an instance runs once as root at its first boot: writes the app's environment, then starts the app. */
export function userData(settings: BootSettings): string {
  return `#!/bin/sh
# Written by multivac: the app's environment, given at boot.
set -eu
umask 077
mkdir -p /etc/multivac
chmod 755 /etc/multivac
printf '%s' ${quoteForShell(environmentFile(settings))} >/etc/multivac/.app.env
if getent group app >/dev/null; then
  chown root:app /etc/multivac/.app.env
fi
chmod 640 /etc/multivac/.app.env
mv -f /etc/multivac/.app.env /etc/multivac/app.env
if systemctl cat app.service >/dev/null 2>&1; then
  systemctl --no-block restart app.service
fi
`;
}

/** The same script, telling the app another release. */
export function withRelease(script: string, release: string): string {
  return script.replace(
    releaseLine,
    (_, before: string) => `${before}${quoteForSystemd(release).replaceAll("'", "'\\''")}`,
  );
}

/** Quotes inside a value are escaped, so that nothing in one can look like this. */
const releaseLine = /(^MULTIVAC_RELEASE=|(?<=')MULTIVAC_RELEASE=)"(?:[^"\\\n]|\\.)*"(?=\n)/m;

export function byteLength(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** What keeps systemd from taking this variable as it is, or undefined: it drops such a variable without a word. */
export function environmentProblem(name: string, value: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return "a name is letters, digits and underscores, and starts with no digit";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what systemd refuses
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value))
    return "a value without control characters, but for tab and newline";
  if (/\p{Surrogate}/u.test(value)) return "a value of valid Unicode";
  return undefined;
}

/**
 * The syntax of systemd's EnvironmentFile=; the port and the release come last, so that nothing overrides them. By name
 * elsewhere: instances are not replaced for another order.
 */
function environmentFile({ port, env, release }: BootSettings): string {
  const sorted = Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)));
  return Object.entries({ ...sorted, PORT: String(port), MULTIVAC_RELEASE: release })
    .map(([name, value]) => `${name}=${quoteForSystemd(value)}\n`)
    .join("");
}

/** In double quotes systemd takes everything as it is, newlines too, but these four. */
function quoteForSystemd(value: string): string {
  return `"${value.replace(/["\\`$]/g, "\\$&")}"`;
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * What a person may see of user data: the port, the names of `app.env`, and six digits of its hash, which change with
 * any value.
 */
export function environmentSummary(script: string): string {
  const names = [...script.matchAll(/^(?:printf '%s' ')?([A-Za-z_][A-Za-z0-9_]*)="/gm)].map(([, name = ""]) => name);
  const port = /^(?:printf '%s' ')?PORT="(\d+)"$/m.exec(script)?.[1];
  const own = names.filter((name) => name !== "PORT" && name !== "MULTIVAC_RELEASE");
  const digits = createHash("sha256").update(script).digest("hex").slice(0, 6);
  return `port ${port ?? "unknown"}, env ${own.join(" ") || "empty"} (${digits})`;
}
