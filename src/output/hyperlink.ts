import { pathToFileURL } from "node:url";
import { packagePath } from "../bake/package-root.ts";

/** Terminals that are known to make links, by what each sets in the environment of what runs in it. */
const programs = new Set(["iTerm.app", "WezTerm", "vscode", "ghostty", "zed", "rio", "Tabby", "Hyper"]);
const terms = /^(xterm-kitty|xterm-ghostty|alacritty|foot|wezterm|contour)/;

/**
 * Whether a terminal makes links of text (OSC 8, "Hyperlinks in Terminal Emulators"), which none can be asked. Over SSH
 * it does not count: a file of this machine is not there. `FORCE_HYPERLINK` says otherwise, 0 for no, as in other tools.
 */
export function hasLinks(stream: { isTTY?: boolean }, colour: boolean, env: NodeJS.ProcessEnv): boolean {
  if (!colour) return false;
  if (env.FORCE_HYPERLINK !== undefined) return env.FORCE_HYPERLINK !== "0";
  if (!stream.isTTY || env.CI || env.SSH_CONNECTION || env.TMUX || env.STY) return false;
  const { TERM = "", TERM_PROGRAM = "", VTE_VERSION = "", KONSOLE_VERSION = "" } = env;
  return (
    programs.has(TERM_PROGRAM) ||
    terms.test(TERM) ||
    env.WT_SESSION !== undefined ||
    Number(VTE_VERSION) > 5000 ||
    Number(KONSOLE_VERSION) >= 201200
  );
}

/** A text that leads to a page of the installed package's documentation. */
export function linkToDocs(text: string, page: string): string {
  const [file = "", anchor] = page.split("#");
  const url = pathToFileURL(packagePath(file));
  if (anchor) url.hash = anchor;
  return `\u001b]8;;${url}\u001b\\${text}\u001b]8;;\u001b\\`;
}
