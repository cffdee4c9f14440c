import assert from "node:assert/strict";
import { test } from "node:test";
import { XMLValidator } from "fast-xml-parser";
import { framesOf } from "./frames.ts";
import { played, still } from "./picture.ts";

const look = { columns: 20, rows: 4, title: "A <run>" };
const recorded = { columns: 20, rows: 4, every: 1, speed: 2 };

test("a recording becomes a picture that plays, and whose last frame stands where nothing plays", async () => {
  const frames = await framesOf(
    [
      [0, "\u001b[32m$\u001b[39m go\r\n"],
      [1.5, "\u001b[2Kwait & see\r"],
      [3.5, "\u001b[2Kdone\r\n  \u001b[36m██  █\u001b[39m\r\n"],
    ],
    recorded,
  );
  assert.deepEqual(
    frames.map(({ at }) => at),
    [0, 1, 2],
  );
  const picture = played(frames, 10, look);
  assert.equal(XMLValidator.validate(picture), true);
  assert.match(picture, /<title>A &lt;run><\/title>/);
  assert.match(picture, /<text [^>]*fill="#3fb950">\$<\/text>/);
  assert.match(picture, /<g id="f\d" visibility="hidden"><text [^>]*>wait &amp; see<\/text><\/g>/);
  assert.match(picture, /<g id="f\d"><text [^>]*>done<\/text><rect [^>]*width="16"[^>]*\/><rect /);
  assert.match(picture, /@keyframes f\d\{0%\{visibility:hidden\}10%\{visibility:visible\}20%\{visibility:hidden\}\}/);
  assert.equal(still(frames[1]?.rows ?? [], look).match(/<text /g)?.length, 3);
});
