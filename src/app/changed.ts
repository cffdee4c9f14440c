import { Failure, sameCommand } from "../failure.ts";

/** What `message` tells has changed in the app since its files were listed, or hashed. */
export function appChanged(message: string, cause?: unknown): Failure {
  return new Failure({
    code: "app-changed",
    message,
    reason: "A release is named after the app's content, which must not change while it is read.",
    fix: `Let what changes it finish, like an editor or a build, then run again: ${sameCommand}`,
    cause,
  });
}
