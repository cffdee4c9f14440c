/** How an app is brought to serve. */
export type Serve =
  | { by: "wsgi" | "asgi"; reference: string; factory: boolean }
  /** A command for /bin/sh; `python` where it is known to need what requirements bring. */
  | { by: "command"; command: string; python: boolean };

/** An app that was found. */
export interface Candidate {
  /** `Flask`, `Procfile`. */
  framework: string;
  /** Where it was seen, for the person: `flaskr/__init__.py`. */
  where: string;
  /** The folder that imports start from and commands run in, below the project's root. */
  folder: string;
  serve: Serve;
  /** The better of two is higher. */
  rank: number;
  /** A path that answers 200, where / is not known to. */
  healthPath?: string | undefined;
  /** Packages of the operating system that it runs on. */
  packages?: string[];
  /** Why no server can start it as it is. */
  refused?: string | undefined;
  /** What the person should know before the first deploy. */
  notes: string[];
}
