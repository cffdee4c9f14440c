import { byteLength, environmentProblem, userData, userDataLimitBytes } from "../bake/user-data.ts";
import { valueAt } from "./place.ts";
import { type Problem, show } from "./problems.ts";
import { nameInPlaceOf, timeZoneName } from "./time-zones.ts";

/**
 * Problems between values of the config, found on the raw document, so that they are told together with those of
 * single values. A rule says nothing where the values it compares are wrong in themselves, and none does of a document
 * that is no object.
 */
export function ruleProblems(raw: unknown): Problem[] {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return [];
  return rules.flatMap((rule) => rule((...path) => valueAt(raw, path)));
}

type Read = (...path: string[]) => unknown;

const rules: readonly ((read: Read) => Problem[])[] = [
  (read) => {
    if (read("app") !== undefined || read("image", "id") !== undefined) return [];
    return [
      {
        path: ["app"],
        expected: "the application to bake, unless image.id names an image",
        got: "nothing",
        is: "missing",
      },
    ];
  },

  (read) => {
    const app = read("app");
    if (typeof app !== "object" || app === null) return [];
    const given = ["module", "command"].filter((key) => read("app", key) !== undefined);
    if (given.length === 1) return [];
    const expected = "exactly one of module and command";
    return [{ path: ["app"], expected, ...(given.length ? { got: "both" } : { got: "neither", is: "missing" }) }];
  },

  // The schema passes over this key of an object that may have any (zod does not copy it into its result).
  ...[["app", "env"], ["tags"]].map((place) => (read: Read) => {
    if (read(...place, "__proto__") === undefined) return [];
    return [{ path: [...place, "__proto__"], expected: "another name", got: '"__proto__"' }];
  }),

  (read) => {
    const env = read("app", "env");
    if (typeof env !== "object" || env === null || !Object.hasOwn(env, "PORT")) return [];
    return [
      {
        path: ["app", "env", "PORT"],
        expected: "no PORT here: the app gets it from app.port",
        got: show(read("app", "env", "PORT")),
      },
    ];
  },

  (read) => {
    const env = read("app", "env");
    if (typeof env !== "object" || env === null) return [];
    return Object.entries(env).flatMap(([name, value]) => {
      const wrong = typeof value === "string" ? environmentProblem(name, value) : undefined;
      return wrong?.startsWith("a value")
        ? [{ path: ["app", "env", name], expected: wrong, got: "one that systemd would drop" }]
        : [];
    });
  },

  (read) => {
    const env = read("app", "env");
    if (typeof env !== "object" || env === null || !Object.values(env).every((value) => typeof value === "string"))
      return [];
    const bytes = byteLength(userData({ port: 65535, env: env as Record<string, string>, release: "0".repeat(12) }));
    if (bytes <= userDataLimitBytes) return [];
    return [
      {
        path: ["app", "env"],
        expected: `an environment that fits into user data, ${userDataLimitBytes} bytes with what starts the app`,
        got: `${bytes} bytes`,
      },
    ];
  },

  // Ubuntu has moved old names into a package of its own, tzdata-legacy.
  (read) => {
    const zone = read("image", "timezone");
    if (read("image", "os") !== "ubuntu-24.04" || typeof zone !== "string" || timeZoneName(zone) !== zone) return [];
    const today = nameInPlaceOf(zone);
    if (today === undefined) return [];
    return [{ path: ["image", "timezone"], expected: `the name that Ubuntu has, ${today}`, got: show(zone) }];
  },

  (read) => {
    const subnets = read("network", "subnetIds");
    if (!Array.isArray(subnets)) return [];
    const repeated = subnets.findIndex((id, index) => subnets.indexOf(id) < index);
    if (repeated < 0) return [];
    return [
      {
        path: ["network", "subnetIds", repeated],
        expected: "different subnets",
        got: `${show(subnets[repeated])} again`,
      },
    ];
  },

  (read) => {
    const { min = 1, max = 1 } = { min: read("instances", "min"), max: read("instances", "max") };
    if (typeof min !== "number" || typeof max !== "number" || min <= max) return [];
    return [{ path: ["instances", "max"], expected: `at least instances.min, ${min}`, got: show(max) }];
  },

  (read) => {
    const check = (key: string, otherwise: number) => read("loadBalancer", "healthCheck", key) ?? otherwise;
    const interval = check("intervalSeconds", 10);
    const timeout = check("timeoutSeconds", 5);
    if (typeof interval !== "number" || typeof timeout !== "number" || timeout < interval) return [];
    return [
      {
        path: ["loadBalancer", "healthCheck", "timeoutSeconds"],
        expected: `less than intervalSeconds, ${interval}`,
        got: show(timeout),
      },
    ];
  },

  ...(["allowFrom", "sshFrom", "allowTo"] as const).map((key) => (read: Read) => {
    const section = key === "allowFrom" ? "loadBalancer" : "instances";
    const networks = read(section, key);
    if (!Array.isArray(networks)) return [];
    const repeated = networks.findIndex((network, index) => networks.indexOf(network) < index);
    if (repeated < 0) return [];
    return [
      {
        path: [section, key, repeated],
        expected: key === "allowTo" ? "different rules" : "different networks",
        got: `${show(networks[repeated])} again`,
      },
    ];
  }),
];
