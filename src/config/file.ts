import path from "node:path";
import { Failure } from "../failure.ts";
import { readAtMost } from "../read-at-most.ts";
import type { Place } from "./place.ts";
import { repeatedKeys } from "./repeated.ts";

export interface JsonFile {
  document: unknown;
  /** Where the text gives a key again; the document has the last value. */
  repeated: Place[];
}

/** The JSON document in a file. Throws a `Failure` that says what is wrong when there is none. */
export async function readJson(file: string): Promise<JsonFile> {
  const text = decode(await read(file), file);
  return { document: parse(text, file), repeated: repeatedKeys(text) };
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readAtMost(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new Failure({
        code: "config-not-found",
        message: `There is no config file ${file}.`,
        reason: `It was looked for in ${path.dirname(path.resolve(file))}.`,
        fix: "Write one with multivac init, or name it with --config FILE.",
      });
    }
    if (code === "EISDIR") {
      throw new Failure({
        code: "config-not-a-file",
        message: `${file} is a folder, not a config file.`,
        reason: "A config is one JSON file.",
        fix: "Name the file with --config FILE.",
      });
    }
    throw new Failure({
      code: "config-unreadable",
      message: `The config file ${file} cannot be read.`,
      reason: (error as Error).message,
      fix: "Check its permissions, or name the config with --config FILE.",
    });
  }
}

function decode(bytes: Buffer, file: string): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  try {
    if (utf16) throw new Error("UTF-16");
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Failure({
      code: "config-encoding",
      message: `${file} is not UTF-8 text.`,
      reason: utf16 ? "It is UTF-16." : "It has bytes that no UTF-8 text has.",
      fix: "Save it as UTF-8.",
    });
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    throw new Failure({
      code: "config-not-json",
      message: `${file} is not JSON${place(text, message)}.`,
      reason: text.trim() === "" ? "The file is empty." : message.replace(/, ".*" is not valid JSON$/s, ""),
      fix: "Mend it there: JSON has no comments and no comma after the last entry, and names and texts stand in double quotes.",
    });
  }
}

/** Line and column of a syntax error, from the offset that V8 tells, or the end for a text that stops short. */
function place(text: string, message: string): string {
  const told = /position (\d+)/.exec(message)?.[1];
  const offset = told ? Number(told) : /end of JSON input/.test(message) ? text.length : firstWrong(text);
  if (offset === undefined || text.trim() === "") return "";
  const before = text.slice(0, offset).split("\n");
  return `: line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** The offset of the first character with which no JSON goes on, where V8 tells none. */
function firstWrong(text: string): number {
  let [right, wrong] = [0, text.length];
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (couldGoOn(text.slice(0, middle))) right = middle;
    else wrong = middle;
  }
  return right;
}

function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const at = /position (\d+)/.exec(message)?.[1];
    return /end of JSON input|Unterminated/.test(message) || Number(at) === text.length;
  }
}
