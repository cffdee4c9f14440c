import type { Project } from "../project.ts";
import { qualified } from "../python/names.ts";

/** Whether what routes are told of, a router or blueprint in a file, has a prefix before each of them. */
export function prefixesIn(project: Project, files: readonly string[]): (file: string, name: string) => boolean {
  const included = new Map<string, { into: string; prefixed: boolean }[]>();
  for (const file of files) {
    if (!/\b(include_router|register_blueprint)\b/.test(project.text(file))) continue;
    for (const { path, args, keywords } of project.module(file).calls) {
      const [, receiver = ""] = /^(.+)\.(?:include_router|register_blueprint)$/.exec(path) ?? [];
      const target = args?.[0]?.path ?? keywords.get("router")?.path ?? keywords.get("blueprint")?.path;
      if (!receiver || !target) continue;
      const key = keyOf(project, file, target);
      const prefixed = keywords.has("prefix") || keywords.has("url_prefix");
      included.set(key, [...(included.get(key) ?? []), { into: keyOf(project, file, receiver), prefixed }]);
    }
  }
  const isPrefixed = (key: string, seen: readonly string[]): boolean => {
    const [file = "", name = ""] = key.split(":");
    const own = project.has(file) ? project.module(file).assigned.get(name)?.keywords : undefined;
    if (own?.has("prefix") || own?.has("url_prefix")) return true;
    const places = seen.includes(key) ? [] : (included.get(key) ?? []);
    return places.length > 0 && places.every(({ into, prefixed }) => prefixed || isPrefixed(into, [...seen, key]));
  };
  return (file, name) => isPrefixed(`${file}:${name}`, []);
}

function keyOf(project: Project, file: string, path: string): string {
  const place = qualified(project, file, path);
  return "external" in place ? place.external : `${place.file}:${place.name}`;
}
