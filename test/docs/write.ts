import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packageRoot } from "../command-line.ts";
import { commandsPage } from "./commands-page.ts";
import { withAnchors } from "./error-anchors.ts";
import { jsonPage } from "./json-page.ts";

/** Writes what of the documentation follows from the source: the pages of commands and of JSON, and the anchors of errors. */

const inDocs = (name: string) => path.join(packageRoot, "docs", name);
writeFileSync(inDocs("commands.md"), commandsPage());
writeFileSync(inDocs("json.md"), jsonPage());
writeFileSync(inDocs("errors.md"), withAnchors(readFileSync(inDocs("errors.md"), "utf8")));
