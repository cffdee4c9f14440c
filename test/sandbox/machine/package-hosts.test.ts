import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readAptSources } from "../../../src/sandbox/machine/apt-sources.ts";
import { packageHosts, parsePipConfig } from "../../../src/sandbox/machine/package-hosts.ts";
import { upstreamProxy } from "../../../src/sandbox/machine/upstream-proxy.ts";

test("every form of apt source is read, and what is switched off is not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "multivac-apt-"));
  await mkdir(join(folder, "sources.list.d"));
  const files = {
    "sources.list":
      "# deb http://off.test/debian stable main\ndeb [arch=amd64 signed-by=/keys/a.gpg] http://one.test/debian stable main\n",
    "sources.list.d/b.list": "deb-src https://two.test:8443/src stable main # why\n",
    "sources.list.d/c.sources":
      "Types: deb\nURIs: http://three.test/debian\n  http://four.test/debian\nSuites: stable\nSigned-By: /keys/c.gpg\n\nEnabled: no\nTypes: deb\nURIs: http://off.test/\n",
    "sources.list.d/d.disabled": "deb http://off.test/debian stable main\n",
    "sources.list.d/e.list": "# nothing\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const sources = await readAptSources(folder);
  await rm(folder, { recursive: true });
  assert.deepEqual(
    sources.uris.map((uri) => uri.host),
    ["one.test", "two.test:8443", "three.test", "four.test"],
  );
  assert.deepEqual(sources.keyrings, ["/keys/a.gpg", "/keys/c.gpg"]);
  assert.equal(sources.files.length, 3);
});

test("hosts are told apart by how they are asked; files are none", () => {
  const hosts = packageHosts([
    "http://one.test/debian",
    "https://two.test:8443/",
    "https://three.test",
    "file:///opt/x",
    "nonsense",
  ]);
  assert.deepEqual([...hosts.http], ["one.test:80"]);
  assert.deepEqual([...hosts.https], ["two.test:8443", "three.test:443"]);
});

test("pip's environment wins over its files, and passwords stay on the host", () => {
  const settings = parsePipConfig(
    [
      "global.index-url='https://files.test/simple'",
      ":env:.index-url='https://user:secret@env.test/simple'",
      "global.extra-index-url='file:///opt/x https://more.test/simple'",
      "global.trusted-host='env.test'",
    ].join("\n"),
  );
  assert.equal(settings.indexUrl, "https://env.test/simple");
  assert.deepEqual(settings.extraIndexUrls, ["https://more.test/simple"]);
  assert.deepEqual(settings.trustedHosts, ["env.test"]);
});

test("the host's proxy is used but for the hosts it is not meant for", () => {
  const upstream = upstreamProxy(
    { "http:": "proxy.test:3128", "https:": "http://secure.test:8080" },
    "direct.test, .inner.test",
  );
  assert.equal(upstream(new URL("http://one.test/"))?.host, "proxy.test:3128");
  assert.equal(upstream(new URL("https://one.test/"))?.host, "secure.test:8080");
  assert.equal(upstream(new URL("http://direct.test/")), undefined);
  assert.equal(upstream(new URL("http://a.inner.test/")), undefined);
});
