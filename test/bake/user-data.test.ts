import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { execa } from "execa";
import { byteLength, environmentProblem, environmentSummary, userData, withRelease } from "../../src/bake/user-data.ts";

describe("userData", () => {
  it("writes the environment, then starts the app", () => {
    assert.equal(
      userData({ port: 80, env: { GREETING: "it's $5" }, release: "0123456789ab" }),
      `#!/bin/sh
# Written by multivac: the app's environment, given at boot.
set -eu
umask 077
mkdir -p /etc/multivac
chmod 755 /etc/multivac
printf '%s' 'GREETING="it'\\''s \\$5"
PORT="80"
MULTIVAC_RELEASE="0123456789ab"
' >/etc/multivac/.app.env
if getent group app >/dev/null; then
  chown root:app /etc/multivac/.app.env
fi
chmod 640 /etc/multivac/.app.env
mv -f /etc/multivac/.app.env /etc/multivac/app.env
if systemctl cat app.service >/dev/null 2>&1; then
  systemctl --no-block restart app.service
fi
`,
    );
  });

  it("lets no variable of the app's stand in for port or release", () => {
    const script = userData({ port: 8080, env: { PORT: "1", MULTIVAC_RELEASE: "x" }, release: "r" });
    assert.equal(script.match(/PORT=/g)?.length, 1);
    assert.match(script, /PORT="8080"/);
  });

  it("is a script that sh can read, whatever the values hold", async () => {
    const env = { A: "'", B: "'\\''", C: "\n'\n", D: "$(touch x)`y`", E: "\\", F: '"', G: "EOF\n# ü 🐎" };
    await execa("sh", ["-n"], { input: userData({ port: 80, env, release: "r" }) });
  });
});

describe("withRelease", () => {
  it("gives the script that the other release would have got", () => {
    const tricky = ["MULTIVAC_RELEASE=", '\nMULTIVAC_RELEASE="x"\n', "a\nMULTIVAC_RELEASE=", "'", "it's \\"];
    const envs = [{}, { MULTIVAC_RELEASE: "mine" }, ...tricky.map((A) => ({ A, B: A }))];
    for (const env of envs)
      for (const [from, to] of [
        ["0123456789ab", "ba9876543210"],
        ["o'd\"d $& \\", "$1 '\" `x`"],
      ] as const)
        assert.equal(
          withRelease(userData({ port: 80, env, release: from }), to),
          userData({ port: 80, env, release: to }),
        );
  });

  it("leaves a script of somebody else as it is", () => {
    assert.equal(withRelease("#!/bin/sh\necho hello\n", "r"), "#!/bin/sh\necho hello\n");
  });
});

describe("environmentProblem", () => {
  it("finds nothing wrong with what systemd takes", () => {
    for (const value of ["", " ", "a\tb\nc", "ü 🐎", "\\ ' \" $ ` #"])
      assert.equal(environmentProblem("A_1", value), undefined);
  });

  it("names what systemd would drop", () => {
    assert.match(environmentProblem("1A", "x") ?? "", /starts with no digit/);
    assert.match(environmentProblem("A-B", "x") ?? "", /letters, digits and underscores/);
    assert.match(environmentProblem("A", "a\rb") ?? "", /control characters/);
    assert.match(environmentProblem("A", "a\0b") ?? "", /control characters/);
    assert.match(environmentProblem("A", "\ud800") ?? "", /Unicode/);
  });
});

it("byteLength counts bytes", () => assert.equal(byteLength("ü🐎"), 6));

describe("environmentSummary", () => {
  it("names port and variables, never a value, and changes with any value", () => {
    const settings = { port: 8080, env: { GREETING: "hel'lo\nA=1", OTHER: "" }, release: "r" };
    const summary = environmentSummary(userData(settings));
    assert.match(summary, /^port 8080, env GREETING OTHER \([0-9a-f]{6}\)$/);
    assert.notEqual(environmentSummary(userData({ ...settings, env: { ...settings.env, OTHER: "x" } })), summary);
  });
});
