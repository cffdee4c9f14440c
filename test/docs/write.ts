import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../command-line.ts";
import { commandsPage } from "./commands-page.ts";
import { withAnchors } from "./error-anchors.ts";

/** Writes what of the documentation follows from the source: the page of commands, and the anchors of errors. */

const inDocs = (name: string) => path.join(packageRoot, "docs", name);
writeFileSync(inDocs("commands.md"), commandsPage());
writeFileSync(inDocs("errors.md"), withAnchors(readFileSync(inDocs("errors.md"), "utf8")));
