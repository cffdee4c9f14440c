import assert from "node:assert/strict";
import { before, test } from "node:test";
import { documented } from "../errors/documented.ts";
import { entriesOf, type Node, nodesOf, placeOf, type Source, sources, textsOf, unknown } from "./source.ts";

/** Every failure says what happened, why, and what to do next. */

interface Said {
  place: string;
  codes: string[];
  values: Map<string, Node>;
  spread: boolean;
  /** Whether it is a failure itself; otherwise what one is made from, which need not know why. */
  whole: boolean;
}

let said: Said[];
before(async () => {
  said = (await sources()).flatMap((source) => failuresOf(source));
});

/** Object literals that failures are made of: what `new Failure` or its `super` is given, and others with a failure's code. */
function failuresOf(source: Source): Said[] {
  const whole = new Set<Node>();
  const found = new Set<Node>();
  for (const node of nodesOf(source.tree)) {
    const [argument] = (node.arguments ?? []) as Node[];
    const isFailure = node.type === "NewExpression" && node.callee.name === "Failure";
    if (argument?.type === "ObjectExpression" && (isFailure || isSuper(node, argument))) whole.add(argument);
    if (node.type === "ObjectExpression" && hasCode(node)) found.add(node);
  }
  return [...new Set([...whole, ...found])].map((object) => {
    const { values, spread } = entriesOf(object);
    const codes = textsOf(values.get("code")).filter((code) => code !== unknown);
    return { place: placeOf(source, object), codes, values, spread, whole: whole.has(object) };
  });
}

function isSuper({ type, callee }: Node, argument: Node): boolean {
  return type === "CallExpression" && callee.type === "Super" && hasCode(argument);
}

function hasCode(object: Node): boolean {
  const { values } = entriesOf(object);
  return values.has("message") && textsOf(values.get("code")).some((code) => documented.has(code));
}

/** Failures that have no reason beside what happened, or whose fix needs no verb, and why. */
const noReason: Record<string, string> = {
  bug: "the stack follows",
  "answered-no": "the person knows",
  interrupted: "the message names the signal",
  "wrong-call": "the message says what is wrong with the call",
};
const noFix: Record<string, string> = {
  "answered-no": "there is nothing to do: the person wanted it so",
  bug: "the text before it asks to report it",
};

test("failures are found where they are made", () => {
  assert.ok(said.length > 90, `${said.length}`);
  const codes = new Set(said.flatMap((one) => one.codes));
  const missing = [...documented.keys()].filter(
    (code) => !codes.has(code) && !/^(ssh|packer|ansible-playbook)-missing$/.test(code),
  );
  assert.deepEqual(missing, []);
});

test("each failure says why and what to do, or is listed as one that cannot", () => {
  const lacking = said.flatMap(({ place, codes, values, spread, whole }) => {
    if (spread) return [];
    const excused = (list: Record<string, string>) => codes.length > 0 && codes.every((code) => code in list);
    return [
      ...(whole && !values.has("reason") && !excused(noReason) ? [`${place} ${codes}: no reason`] : []),
      ...(!values.has("fix") && !excused(noFix) ? [`${place} ${codes}: no fix`] : []),
    ];
  });
  assert.deepEqual(lacking, []);
});

/** A next step is a command, in backquotes or after a colon, or begins with one of these words. */
const steps =
  /`[^`]+`|: (multivac|aws|apt-get|npm|python3|packer|…) ?|(?:^|[.;:,] |\n|\bor |\band |\bthen )(Add|Allow|Ask|Change|Check|Choose|Delete|Deregister|Do|Enable|End|Follow|Free|Get|Give|Go|Install|Leave|Let|Log|Look|Make|Mend|Move|Name|Open|Pass|Plan|Put|Raise|Remove|Rename|Report|Run|Save|See|Set|Start|Stop|Take|Try|Turn|Unset|Upgrade|Use|Wait|Write|add|check|choose|delete|remove|run|set|take|try|unset|use|wait)\b/;

test("each text that is called a fix names a next step", async () => {
  const fixes = (await sources()).flatMap((source) =>
    [...nodesOf(source.tree)].flatMap((node) => {
      const name = node.type === "Property" ? node.key.name : node.type === "VariableDeclarator" ? node.id.name : "";
      const value: Node | undefined = node.type === "Property" ? node.value : node.init;
      return name === "fix" ? textsOf(value).map((fix) => ({ place: placeOf(source, node), fix })) : [];
    }),
  );
  assert.ok(fixes.length > 100, `${fixes.length}`);
  const told = fixes.filter(({ fix }) => fix.replaceAll(/[…\s]/g, "") !== "");
  assert.deepEqual(
    told.filter(({ fix }) => !steps.test(fix)).map(({ place, fix }) => `${place}: ${fix}`),
    [],
  );
});

test("each sentence a failure is made of begins and ends as one", () => {
  const odd = said.flatMap(({ place, codes, values }) =>
    ["message", "reason", "fix"].flatMap((part) =>
      textsOf(values.get(part))
        .filter((text) => text !== "" && !isSentence(text, part))
        .map((text) => `${place} ${codes} ${part}: ${text}`),
    ),
  );
  assert.deepEqual(odd, []);
});

/** With a capital, a name or a part only known later in front, and at the end a full stop, or a command that can be copied. */
function isSentence(text: string, part: string): boolean {
  const begins = /^([A-Z`"(…]|--|[a-z]+\/|https?:|multivac |[a-z]+\.[A-Za-z])/.test(text);
  const ends = part === "message" ? /[.?!…]$/.test(text) : /[.?!…)]$|: \S.*$/s.test(text);
  return begins && ends;
}
