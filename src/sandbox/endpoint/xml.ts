import { XMLBuilder, XMLParser } from "fast-xml-parser";

/** What stands in an AWS answer: plain objects and arrays; the list tags (`item`, `member`) are not seen here. */
export type Content = string | number | boolean | Date | null | undefined | Content[] | Element;
export interface Element {
  [name: string]: Content;
}

const listTags = ["item", "member"] as const;
export type ListTag = (typeof listTags)[number];

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => listTags.includes(name as ListTag),
});
const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: true });

/** Parses an answer into its root tag and what stands in it. */
export function parseXml(body: string): { root: string; content: Element } {
  const document = parser.parse(body) as Element;
  const root = Object.keys(document).find((name) => !name.startsWith("?")) ?? "";
  return { root, content: element(unwrapped(document[root])) };
}

/** Writes an answer with the list tag of its protocol. */
export function buildXml(root: string, namespace: string, content: Element, listTag: ListTag): string {
  const document = { [root]: { "@_xmlns": namespace, ...(wrapped(content, listTag) as object) } };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(document)}`;
}

function unwrapped(content: Content): Content {
  if (Array.isArray(content)) return content.map(unwrapped);
  if (!isElement(content)) return content;
  for (const tag of listTags) {
    const list = content[tag];
    if (Array.isArray(list)) return list.map(unwrapped);
  }
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, unwrapped(value)]));
}

function wrapped(content: Content, listTag: ListTag): unknown {
  if (content instanceof Date) return content.toISOString();
  if (Array.isArray(content)) return content.length > 0 ? { [listTag]: content.map((c) => wrapped(c, listTag)) } : "";
  if (!isElement(content)) return content;
  const entries = Object.entries(content).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, wrapped(value, listTag)]));
}

function isElement(content: Content): content is Element {
  return typeof content === "object" && content !== null && !Array.isArray(content) && !(content instanceof Date);
}

/** The content as an object; an empty tag is an empty object. */
export function element(content: Content): Element {
  return isElement(content) ? content : {};
}

/** The content as a list of objects; an empty tag is an empty list. */
export function elements(content: Content): Element[] {
  return Array.isArray(content) ? content.map(element) : [];
}

/** The content as text; a missing tag is an empty text. */
export function text(content: Content): string {
  if (content instanceof Date) return content.toISOString();
  return content === undefined || content === null || typeof content === "object" ? "" : String(content);
}
