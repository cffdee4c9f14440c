import type { CommonOptions } from "../session.ts";

/** What `init` is told on the command line: each answers a question. */
export interface InitOptions extends CommonOptions {
  /** The folder where the app is looked for. */
  app?: string;
  module?: string;
  command?: string;
  requirements?: string;
  packages?: string[];
  os?: string;
  healthPath?: string;
  vpc?: string;
  subnets?: string[];
  instanceType?: string;
  starter?: boolean;
  /** Write workflows for GitHub Actions too; where there is a config, for that. */
  github?: boolean;
  force?: boolean;
}
