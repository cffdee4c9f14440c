import { Failure } from "../failure.ts";

/** Tells that the folder in which a command was called has been deleted; gives the exit code. */
export async function tellLostFolder(args: readonly string[]): Promise<number> {
  const { tellFailures } = await import("../run.ts");
  const failure = new Failure({
    code: "folder-gone",
    message: "The folder that this was called in is not there any more.",
    reason: "It was deleted or moved while this shell was in it.",
    fix: "Change into a folder that is there.",
  });
  return tellFailures([failure], { json: args.includes("--json"), color: !args.includes("--no-color") });
}
