import { open } from "node:fs/promises";
import path from "node:path";

/** Names of what holds keys or passwords and nothing else, as far as a name can tell. */
const secretNames =
  /(^|\/)(.*\.(p12|pfx|jks|keystore|kdbx|ppk)|(client_)?secrets?\.(json|ya?ml|toml|ini)|credentials(\.json)?)$/i;

/** Names of what may hold a private key, or as well a certificate for everybody. */
const keyNames = /\.(pem|key)$/i;

/** Those of the app's files that look like secrets. */
export async function secretsAmong(root: string, files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (file) => {
      const isSecret =
        secretNames.test(file) || (keyNames.test(file) && (await holdsPrivateKey(path.join(root, file))));
      return isSecret ? [file] : [];
    }),
  );
  return found.flat();
}

/** A PEM file begins with what it holds, or with notes and certificates ("Textual Encodings", RFC 7468). */
async function holdsPrivateKey(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  try {
    const { buffer, bytesRead } = (await handle?.read(Buffer.alloc(64 * 1024))) ?? { buffer: "", bytesRead: 0 };
    return buffer.slice(0, bytesRead).toString("latin1").includes("PRIVATE KEY-----");
  } finally {
    await handle?.close();
  }
}
