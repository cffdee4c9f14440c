export interface Prerequisite {
  /** The program or ability, like `haproxy` or `root`. */
  what: string;
  why: string;
  /** The Debian package that brings it. */
  debianPackage?: string;
}

export interface MissingPrerequisite extends Prerequisite {
  /** The command or step that brings it. */
  fix: string;
}

export interface CheckPrerequisitesOptions {
  /** Without machines only the AWS API is needed. */
  machines: boolean;
  cacheFolder: string;
}

/** What this host lacks for a sandbox; empty when nothing does. */
export async function missingPrerequisites(_options: CheckPrerequisitesOptions): Promise<MissingPrerequisite[]> {
  throw new Error("not built yet");
}
