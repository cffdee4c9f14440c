import type { CommonOptions, Context } from "./session.ts";
import { unlessStopped } from "./unless-stopped.ts";

type Command<Options extends CommonOptions, Args extends string[], Result> = (
  context: Context,
  options: Options,
  ...args: Args
) => Promise<Result>;

/** A command that changes nothing: a signal ends it at once, whatever call of it is under way. */
export function looking<Options extends CommonOptions, Args extends string[], Result>(
  command: Command<Options, Args, Result>,
): Command<Options, Args, Result> {
  return (context, options, ...args) => unlessStopped(command(context, options, ...args), context.follows());
}
