import { readdir } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";

/** Ends the SSH connections that Ansible keeps open in the background for its next task. */
export async function closeConnections(folder: string): Promise<void> {
  const sockets = await readdir(folder).catch(() => []);
  await Promise.all(
    sockets.map((name) =>
      execa("ssh", ["-F", "none", "-o", `ControlPath=${path.join(folder, name)}`, "-O", "exit", "builder"], {
        reject: false,
        stdio: "ignore",
        timeout: 5_000,
      }),
    ),
  );
}
