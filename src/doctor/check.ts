import type { Aws } from "../aws/aws.ts";
import type { Caller } from "../aws/connect.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Seen } from "../engine/look.ts";
import type { Inputs } from "../inputs.ts";
import type { SandboxRecord } from "../sandbox/record.ts";

/** What a check found where nothing is wrong. */
interface Finding {
  state: "ok" | "warning";
  detail: string;
  fix?: string;
}

/** One thing that a deploy needs. `doctor` makes all checks, a deploy those that its plan needs. */
export interface Check<G extends Ground = Ground> {
  /** In kebab-case, as `--json` names it. */
  name: string;
  /** The checks without which this one tells nothing. */
  needs?: readonly { name: string }[];
  /**
   * Looks, and changes nothing. A plain text tells that all is well. What is wrong is thrown as a `Failure`, or several
   * in an `AggregateError`; an error of AWS says that the check could not be made, and so does `NotChecked`.
   */
  look(ground: G): Promise<string | Finding>;
}

/** What checks look at; each thing is found out once, when a check first asks for it. */
export interface Ground {
  env: NodeJS.ProcessEnv;
  /** Whether --sandbox was given: nothing of the outside is looked at. */
  inSandbox: boolean;
  /** The one that runs. */
  sandbox: SandboxRecord | undefined;
  /** The config and its app. */
  loaded(): Promise<LoadedConfig>;
  aws(): Promise<Aws>;
  caller(): Promise<Caller>;
  /** The stack as it is. */
  seen(): Promise<Seen>;
  /** Whether the app has to be baked, unless it is already: no image is given. */
  bakes(): Promise<boolean>;
  /** The image that a deploy would want. */
  wanted(): Promise<Inputs["image"]>;
}

/** A check could not be made. */
export class NotChecked extends Error {
  readonly fix: string | undefined;

  constructor(why: string, fix?: string) {
    super(why);
    this.name = "NotChecked";
    this.fix = fix;
  }
}

/** A read that several checks share: each ground is asked once. */
export function shared<G extends object, T>(read: (ground: G) => Promise<T>): (ground: G) => Promise<T> {
  const done = new WeakMap<G, Promise<T>>();
  return (ground) => {
    const reading = done.get(ground) ?? read(ground);
    done.set(ground, reading);
    return reading;
  };
}
