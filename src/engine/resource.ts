import type { Aws } from "../aws/aws.ts";
import type { Inputs } from "../inputs.ts";
import type { Report } from "../progress.ts";
import type { Stack, Tags } from "../stack.ts";

/** Stands in a plan for a value that only AWS can tell. */
export const knownAfterDeploy = "(known after deploy)";

/** What every resource has once it is found or made. */
export interface Live {
  /** AWS's own id: id, ARN or name, whatever its API takes. */
  id: string;
  /** The name on AWS, for kinds that have one. */
  name?: string;
  tags: Tags;
  /** What proves it the stack's where it has no tags yet: the builder that it came from. */
  via?: { part: Pick<AnyResource, "tagsNow">; live: Live };
}

/** Any kind; the engine treats them all alike. */
// biome-ignore lint/suspicious/noExplicitAny: kinds differ only inside their own file
export type AnyResource = Resource<any, any>;

/** A resource as far as looking it up goes. */
export interface Part<L extends Live> {
  /** The part it plays, unique in the stack: `instance-security-group`. */
  resource: string;
  /** Everything that plays this part or holds its name, ours or not; the engine sorts them by their tags. */
  find(look: Look): Promise<L[]>;
}

/** The dependency as it is, or as it will be: fields that only AWS can tell hold `knownAfterDeploy`. */
export type Need = <L extends Live>(resource: Part<L>) => L;

/** What a look at AWS may use. `at` shares the look at another resource: each is read once. */
export interface Look {
  aws: Aws;
  stack: Stack;
  /** Nothing is going to be compared: what a thing is, whose it is and what protects it is enough. */
  brief: boolean;
  at<L extends Live>(resource: Part<L>): Promise<L[]>;
}

/** What a change of AWS may use. */
export interface Doing {
  aws: Aws;
  stack: Stack;
  /** Tells what is going on with this resource now. */
  progress(text: string): void;
  report: Report;
  signal: AbortSignal;
  /** Something else of the stack serves: what goes shall finish what it is doing. */
  gently: boolean;
  /** Whether another of the stack's is going too, or may be; undefined where this run has not seen it. */
  goes(id: string): boolean | undefined;
  /** Tells of something that had to be left, though the stack is done with it. */
  stays(one: Staying): void;
}

/** Something of the stack that stays, and why. */
export interface Staying {
  /** AWS's noun in kebab-case. */
  kind: string;
  id: string;
  why: string;
}

/** What creating and updating may use besides: the dependencies, which are there by now. */
export interface Making extends Doing {
  need: Need;
  inputs: Inputs;
}

/** What creating may use besides. */
export interface Creating extends Making {
  /** What it is made beside and takes the place of, which stays until this serves. */
  beside: readonly Live[];
  /** Hands over what nothing else waits for but the end; the next deploy must find what is missing where it did not get done. */
  meanwhile(work: Promise<void>): void;
}

/** A resource as far as finding and deleting it goes. */
export interface Deletable<L extends Live> extends Part<L> {
  /** AWS's noun in kebab-case: `security-group`. */
  kind: string;
  /** What must be there before this, and is deleted after it. */
  dependsOn: readonly AnyResource[];
  /** What is deleted before this, though this does not need it to be made. */
  deletedAfter?: readonly AnyResource[];

  /** The deletion of another may have taken it along: whether it is still there is looked at before it is deleted. */
  takenAlong?: true;
  /**
   * Takes away what keeps others of the stack from being deleted, where this is not deleted by itself; called when it would
   * be its turn.
   */
  letGo?(doing: Doing, live: L): Promise<void>;
  /** Takes it down and returns once it is gone; nothing to do where it is gone. Absent where it goes with another resource. */
  delete?(doing: Doing, live: L): Promise<void>;
  /** Its tags as AWS has them at this moment; undefined where it is not there. Whatever is deleted is asked for them just before. */
  tagsNow?(aws: Aws, live: L): Promise<Tags | undefined>;
  /** What somebody has set against its deletion, like `deletion protection`; such a one is neither deleted nor replaced. */
  protections?(live: L): readonly string[];
  /** Why one that carries the stack's tags is told and never deleted; undefined where it is deleted. */
  whyStays?(live: L): string | undefined;
  /** Takes all of these off. */
  unprotect?(doing: Doing, live: L): Promise<void>;
}

/** How a resource is deleted, for another that is deleted likewise. */
export function deletionOf<L extends Live>(resource: Deletable<L>): Partial<Deletable<L>> {
  const { delete: remove, tagsNow, protections, unprotect } = resource;
  return {
    ...(remove && { delete: remove }),
    ...(tagsNow && { tagsNow }),
    ...(protections && { protections }),
    ...(unprotect && { unprotect }),
  };
}

/**
 * One part of a stack. A kind is one file in `src/resources/`; the engine runs all parts the same way for plan,
 * deploy, status and destroy. `D` and `L` share field names, so that the engine can compare them; a field that is
 * undefined in `D` is left alone.
 */
export interface Resource<D extends object, L extends Live> extends Deletable<L> {
  /** What is deleted before this where it shall finish what it is doing; a destroy waits for nothing to finish. */
  outlives?: readonly AnyResource[];
  /** What an update of this waits for, though this does not need it to be made: its failure ends the wait. */
  awaits?: readonly AnyResource[];

  /** How it should be; undefined where this deploy has no use for it. A part without this is only found and deleted. */
  desired?(inputs: Inputs, need: Need, live: L | undefined): D | undefined;
  /** Names it may have; more than one where a new one is made beside the old. */
  names?(stack: Stack): readonly string[];
  /** Fields that AWS cannot change in place. */
  immutable?: readonly (keyof D & string)[];
  /** What people notice when it is replaced, for the plan. */
  whenReplaced?: string;
  create?(making: Creating, desired: D, name: string): Promise<L>;
  update?(making: Making, live: L, desired: D, changed: readonly (keyof D & string)[]): Promise<L>;
  /** Takes away what an update has left for the time until everything else serves; `going` goes after that. */
  trim?(making: Making, live: L, desired: D, going: readonly Live[]): Promise<void>;
  /** Fields of the live one that an update gives new values that only AWS can tell. */
  renewedBy?(changed: readonly (keyof D & string)[]): readonly (keyof L & string)[];

  /** What creating and updating are called in a plan, where AWS's plain words do not do. */
  verbs?: { create?: "bake"; update?(changed: readonly (keyof D & string)[]): "roll" | "update" };
  /** What there is to say of one that is to be made, for the plan. */
  whyMade?(inputs: Inputs): string | undefined;
  /** A field's value as a plan shows it, where the plain value is long or not for everybody's eyes. */
  show?: { [F in keyof D & string]?: (value: NonNullable<D[F]>) => unknown };
  /**
   * Which of those found is the one to work on, which are too many, and which of these a new one takes the place of;
   * default: see `choose`.
   */
  choose?(found: readonly L[], desired: D): { current?: L | undefined; surplus: L[]; replaced?: L | undefined };
  /** One word on how the live one is doing, for `status`. */
  state?(live: L): string;
}
