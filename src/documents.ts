/**
 * What commands print with `--json`, and programs may read; in the package as `multivac/types`. Imports nothing, so that
 * its declarations stand alone.
 */

/** A stack, and where it is. */
export interface Place {
  name: string;
  environment: string;
  region: string;
  /** The account's 12 digits. */
  account: string;
}

/** The same where nothing was asked of AWS: what the config does not tell is not known. */
export interface KnownPlace {
  name: string;
  environment: string;
  region: string | null;
  account: string | null;
}

export type Action = "none" | "create" | "update" | "replace" | "delete" | "roll" | "bake";

/** One line of a plan. */
export interface Change {
  /** The part it plays: `load-balancer-security-group`. */
  resource: string;
  /** AWS's noun in kebab-case: `security-group`. */
  kind: string;
  action: Action;
  id?: string;
  /** A value that is not known yet is `(known after deploy)`. */
  fields?: Record<string, { from: unknown; to: unknown }>;
  why?: string;
}

/** A stretch of a run, in seconds from its start. */
export interface TimelineEntry {
  name: string;
  start: number;
  end: number;
}

export interface ErrorDocument {
  /** A stable word in kebab-case; docs/errors.md has them all. */
  code: string;
  message: string;
  cause?: string;
  fix?: string;
  /** What AWS refused: `ec2:RunInstances`. */
  action?: string;
  requestId?: string;
}

export interface InitDocument {
  stack: KnownPlace;
  /** The files that were written, from the working folder; the config is the last. */
  written: string[];
  /** The app that was chosen: its framework, where it was seen, and what is called. */
  app?: { framework: string; where: string; call: string } | undefined;
  /** What the config says now; like `app` not told where only workflows were written. */
  config?: Record<string, unknown>;
  /** What a person should know before the first deploy. */
  notes: string[];
}

export interface DoctorDocument {
  /** As far as it could be told. */
  stack: { name: string | null; environment: string | null; region: string | null; account: string | null };
  checks: CheckResult[];
}

export interface CheckResult {
  /** In kebab-case; docs/doctor.md has them all. */
  name: string;
  /** `unknown` is what could not be checked; `detail` says why. */
  state: "ok" | "warning" | "failed" | "unknown";
  detail: string;
  fix?: string;
}

export interface ValidateDocument {
  stack: KnownPlace;
  valid: true;
  /** How many files the app has. */
  files: number;
  warnings: string[];
  /** All that the config has and that are right, the chosen one first. */
  environments: string[];
}

export interface CompletionDocument {
  shell: string;
  script: string;
}

export interface PlanDocument {
  stack: Place;
  changes: Change[];
  cost: PlanCost;
}

/** What a plan does to what the stack costs a month, without snapshots of images; docs/cost.md says what else is left out. */
export interface PlanCost {
  currency: "USD";
  /** After the plan. */
  month: Range;
  now: Range;
  change: Range;
  /** After the plan, one for each thing that is billed. */
  items: CostItem[];
  /** What no price is known of: the sums are without it. */
  without: string[];
}

/** With as many instances as `instances.min`, and with `instances.max`. */
export interface Range {
  min: number;
  max: number;
}

export interface CostDocument {
  stack: KnownPlace;
  currency: "USD";
  /** What the config costs. */
  month: Range;
  /** What is there; null where AWS could not be asked. */
  now: Range | null;
  items: CostItem[];
  leftOut: string[];
  /** What could not be found out, and why. */
  notes: string[];
}

/** One thing that AWS bills. */
export interface CostItem {
  /** The part of the stack that it comes with. */
  resource: string;
  /** AWS's noun in kebab-case. */
  kind: string;
  /** For a person: `t3.micro instances`. */
  what: string;
  /** How many there are; null where that is no number. */
  count: Range | null;
  /** How many units a month; null where that is not known before. */
  quantity: Range | null;
  unit: "hour" | "GB-month" | "LCU-hour";
  /** USD for a unit; null where it is unknown. */
  price: number | null;
  /** USD a month; null where quantity or price is not known. */
  monthly: Range | null;
  /** Where the price stands. */
  source: string | null;
  /** The region the price is of. */
  priceRegion: string | null;
  /** When the price was published or read: a day or a year. */
  date: string | null;
  /** Why `monthly` is null. */
  why?: string;
}

export interface DeployDocument extends Omit<PlanDocument, "cost"> {
  url: string;
  /** Of what serves at the end: 12 hex digits, or the id of an image without such a tag. */
  release: string;
  /** Its AMI id. */
  image: string;
  seconds: number;
  timeline: TimelineEntry[];
}

export type RollbackDocument = DeployDocument;

export interface AbortDocument {
  stack: KnownPlace;
  state: "nothing" | "cancelled" | "rolled-back" | "failed";
  /** What serves. */
  release: string | null;
  image: string | null;
}

export interface UnlockDocument {
  stack: KnownPlace;
  /** The lock that was freed; null where nobody held it. */
  freed: {
    id: string;
    owner: string;
    host: string;
    command: string;
    since: string;
    heartbeat: string;
    run?: string;
  } | null;
}

export interface DestroyDocument {
  stack: KnownPlace;
  deleted: { resource: string; kind: string; id: string }[];
  remaining: { kind: string; id: string; why: string; costs: string }[];
  /** With `--keep-images`. */
  kept?: { kind: string; id: string }[];
  /** Kinds of which it could not be seen whether anything is left. */
  unread?: { kind: string; why: string }[];
  seconds: number;
}

export interface StatusDocument {
  stack: KnownPlace;
  state: "healthy" | "degraded" | "deploying" | "absent";
  url: string | null;
  release: string | null;
  image: string | null;
  resources: { resource: string; kind: string; id: string; state: string }[];
  instances: InstanceStatus[];
  roll?: RollStatus;
  /** With `--watch`: the last ones, newest first. */
  activities?: ActivityStatus[];
  /** What a deploy of the same release would change. */
  drift?: string[];
}

/** A roll that is under way. One that is rolled back keeps its `from` and `to`; its `percent` is of the way back. */
export interface RollStatus {
  /** AWS's own word: `InProgress`, `RollbackInProgress`, … */
  status: string;
  percent: number;
  from: string;
  to: string;
  /** How many instances there are of the one and of the other. */
  old: number;
  new: number;
  /** AWS's own words on what it waits for. */
  reason?: string;
}

/** What the Auto Scaling group has done or tried. */
export interface ActivityStatus {
  /** ISO 8601. */
  start: string;
  /** AWS's own word: `InProgress`, `Successful`, `Failed`, … */
  status: string;
  description: string;
  reason?: string;
}

export interface InstanceStatus {
  id: string;
  availabilityZone: string;
  release: string;
  /** AWS's own word: the target's state, or the lifecycle state while it is no target. */
  health: string;
  reason?: string;
}

/** With `--all`: every stack of an account and region. */
export interface StacksDocument {
  region: string | null;
  account: string | null;
  stacks: {
    name: string;
    environment: string;
    state: StatusDocument["state"];
    release: string | null;
    url: string | null;
    /** As its Auto Scaling group sees them. */
    instances: { healthy: number; wanted: number };
  }[];
}

export interface OpenDocument {
  stack: Place;
  url: string;
  /** False where there is no browser. */
  opened: boolean;
}

export interface LogsDocument {
  stack: Place;
  instances: {
    id: string;
    availabilityZone: string;
    release: string;
    /** `ssh`, `ssm`, `console` or `machine`, in the sandbox. */
    way: string;
    /** Whether the way has let less through than there is. */
    truncated: boolean;
    lines: LogLine[];
  }[];
}

export interface LogLine {
  /** ISO 8601; null where the line has no time, as on a console. */
  time: string | null;
  /** Who wrote it: `app`, or `systemd` of what it did with it; null where that is not told. */
  source: string | null;
  message: string;
}

/** Of a command that was run on an instance; a shell has no document. */
export interface SshDocument {
  stack: Place;
  instance: string;
  way: string;
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface ReleasesDocument {
  stack: KnownPlace;
  releases: Release[];
}

export interface Release {
  release: string;
  image: string;
  /** The image of the system that it comes from. */
  base: string;
  /** ISO 8601. */
  created: string;
  sizeGiB: number;
  live: boolean;
  commit?: string;
  dirty?: boolean;
}

export interface EventsDocument {
  stack: KnownPlace;
  /** Oldest first. */
  events: StackEvent[];
}

/** Something that happened to a stack. */
export interface StackEvent {
  /** ISO 8601. */
  time: string;
  kind: "bake" | "deploy" | "rollback" | "roll" | "launch" | "termination" | "activity" | "roll-end";
  /** For a person: `launched i-0123456789abcdef0`. */
  what: string;
  /** AWS's own id of what it happened to. */
  id?: string | undefined;
  release?: string | undefined;
  /** Why, as far as AWS tells. */
  cause?: string | undefined;
  /** The whole of what AWS says of the cause. */
  details?: string | undefined;
  /** AWS's word for how it ended, or that it goes on. */
  status?: string | undefined;
  /** The ARN of who did it. */
  by?: string | undefined;
}

/** A sandbox that runs, and how to reach it. */
export interface RunningSandbox {
  id: string;
  state: "running";
  endpoint: string;
  region: string;
  account: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  machines: boolean;
  vpcId: string;
  subnetIds: readonly string[];
  baseImageId: string;
}

export interface SandboxStartDocument {
  sandbox: RunningSandbox;
  /** False where it ran already. */
  started: boolean;
}

export interface SandboxStopDocument {
  sandbox: { id: string; state: "absent" };
  wasRunning: boolean;
  purged: boolean;
}

export interface SandboxStatusDocument {
  sandbox: RunningSandbox | { id: string; state: "absent" | "dead" };
  instances: { id: string; state: string; imageId: string; address: string }[];
  diskBytes: { state: number; cache: number };
}

export interface SandboxFaultsDocument {
  sandbox: { id: string; state: "running" };
  faults: {
    rules: ({ fault: { kind: string }; fired: number } & Record<string, unknown>)[];
    random?: { seed: number; rate: number; kinds: string[]; fired: number };
    held: { service: string; action: string; when: string }[];
  };
}

/** What `multivac --version` tells: versions, null for a tool that is not there or cannot be used. */
export interface VersionDocument {
  multivac: string;
  node: string;
  packer: string | null;
  ansible: string | null;
}

/** What each command tells when it comes to a result. */
export interface Documents {
  init: InitDocument;
  doctor: DoctorDocument;
  validate: ValidateDocument;
  completion: CompletionDocument;
  plan: PlanDocument;
  deploy: DeployDocument;
  rollback: RollbackDocument;
  abort: AbortDocument;
  unlock: UnlockDocument;
  destroy: DestroyDocument;
  status: StatusDocument;
  "status --all": StacksDocument;
  open: OpenDocument;
  logs: LogsDocument;
  ssh: SshDocument;
  releases: ReleasesDocument;
  events: EventsDocument;
  cost: CostDocument;
  "sandbox start": SandboxStartDocument;
  "sandbox stop": SandboxStopDocument;
  "sandbox status": SandboxStatusDocument;
  "sandbox faults": SandboxFaultsDocument;
}

/** The one document that a command prints with `--json`: its result, with an error where it is not finished, or an error alone. */
export type Printed<Command extends keyof Documents> =
  | ({ version: 1; error?: ErrorDocument } & Documents[Command])
  | { version: 1; error: ErrorDocument };
