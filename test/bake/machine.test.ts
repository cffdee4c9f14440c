/** The playbook, the unit and the user data, on real machines of the sandbox. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { closeConnections } from "../../src/bake/connections.ts";
import { packerEnvironment } from "../../src/bake/environment.ts";
import type { BakeOrder } from "../../src/bake/order.ts";
import { packagePath } from "../../src/bake/package-root.ts";
import { playbookVariables } from "../../src/bake/playbook-variables.ts";
import { packSource } from "../../src/bake/source-archive.ts";
import { userData } from "../../src/bake/user-data.ts";
import { type Ground, openGround } from "../sandbox/machine/ground.ts";
import { order } from "./orders.ts";

const ODD_NAMES = ["with space.txt", "-rf", "@file", "žluť 🐎.txt", "two\nlines", "sub/{{ x }}", "quote'\"$`"];
/** Everything a shell, systemd, Ansible or YAML might take for its own. */
const COMMAND = `# a comment, {{ braces }} and %h
name="it's 100% \\$5"
exec python3 -c '
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write((sys.argv[1] + "|" + ",".join(sorted(os.listdir("."))) + "|" + os.environ["ODD"]).encode())
http.server.HTTPServer(("0.0.0.0", int(os.environ["PORT"])), Page).serve_forever()
' "$name"`;
const ODD_ENV = {
  ODD: "  $HOME $$ $(id) %h `id` \\ \\n \"dq\" 'sq' # \t ü 🐎\nline two\\\nline three ",
  EMPTY: "",
  ENDS: "backslash\\",
  QUOTE: '"',
};

describe("on a machine", () => {
  let ground: Ground;
  let folder: string;
  let builder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "multivac-machine-"));
    ground = await openGround("bake-test");
    builder = ground.address(1);
    await ground.machines.launch(spec("i-builder", builder, "ami-base"));
    await ground.ssh(builder, "true");
  });
  after(async () => {
    await closeConnections(path.join(folder, "cp"));
    await ground.close();
    await rm(folder, { recursive: true });
  });

  const spec = (id: string, address: string, imageId: string, script?: string) => ({
    id,
    imageId,
    address,
    hostname: id,
    publicKeys: [ground.publicKey],
    userData: script,
  });

  /**
   * Runs the playbook as Packer does; gives its recap. The last task removes the key that lets Ansible in: later runs go
   * over the first one's connection, which stays open for longer than a bake's.
   */
  async function play(app: Partial<BakeOrder["app"]>): Promise<string> {
    const archive = path.join(folder, "app.tar.gz");
    const commandFile = path.join(folder, "run");
    const variables = path.join(folder, "variables.yml");
    const whole = order({ timezone: "Europe/Vienna", app: { ...order().app, ...app } });
    await packSource(whole.app.path, whole.app.files, archive);
    await writeFile(commandFile, whole.app.command ?? "");
    await writeFile(variables, playbookVariables(whole, archive, commandFile));
    const settings = await readFile(packagePath("ansible/ansible.cfg"), "utf8");
    const [, args = ""] = /^ssh_args = (.*ControlPersist=60s.*)$/m.exec(settings) ?? [];
    const { exitCode, all } = await execa(
      "ansible-playbook",
      [
        ...["-i", `${builder},`, "--user", "admin", "--private-key", path.join(ground.stateFolder, "key")],
        ...["--extra-vars", `@${variables}`, packagePath("ansible/playbook.yml")],
      ],
      {
        env: {
          ...packerEnvironment(
            process.env,
            {},
            { temporary: folder, ansibleHome: path.join(folder, "ansible"), connections: path.join(folder, "cp") },
          ),
          ANSIBLE_SSH_ARGS: args.replace("ControlPersist=60s", "ControlPersist=600s"),
        },
        extendEnv: false,
        stdin: "ignore",
        all: true,
        reject: false,
      },
    );
    assert.equal(exitCode, 0, all);
    return all.trimEnd().split("\n").at(-1) ?? "";
  }

  /** Launches from the builder's disk as it is now, and waits for the app. */
  async function launchBaked(n: number, port: number): Promise<{ address: string; body: string }> {
    const id = `i-app-${n}`;
    const address = ground.address(1 + n);
    await ground.machines.createImage("i-builder", `ami-${n}`);
    const script = userData({ port, env: ODD_ENV, release: "0123456789ab" });
    await ground.machines.launch(spec(id, address, `ami-${n}`, script));
    for (let attempt = 0; ; attempt++) {
      const answer = await fetch(`http://${address}:${port}/`).catch(() => undefined);
      if (answer) {
        assert.equal(answer.status, 200);
        return { address, body: await answer.text() };
      }
      if (attempt === 200) assert.fail(await ground.machines.console(id));
      await sleep(100);
    }
  }

  const starter = {
    path: packagePath("templates/app"),
    files: ["requirements.txt", "tiny_app.py"],
    module: "tiny_app:app",
    requirements: "requirements.txt",
    packages: ["python3-flask"],
  };

  it("bakes the starter app", async () => {
    assert.match(await play(starter), /failed=0/);
  });

  it("changes nothing the second time", async () => {
    assert.match(await play(starter), /changed=0 .*failed=0/);
  });

  it("starts the app on port 80 without root, with what boot gives it", async () => {
    const { address, body } = await launchBaked(1, 80);
    assert.match(body, /<dt>Release<\/dt><dd>0123456789ab<\/dd>/);
    const run = (command: string) => ground.ssh(address, command);

    assert.equal(await run("ps -o user= -p $(systemctl show -P MainPID app)"), "app");
    assert.equal(await run("systemctl is-system-running --wait"), "running");
    assert.equal(await run("sudo stat -c '%a %U:%G' /etc/multivac/app.env"), "640 root:app");
    assert.equal(await run("readlink /etc/localtime"), "/usr/share/zoneinfo/Europe/Vienna");
    assert.equal(await run("cat /proc/net/if_inet6"), "");
    assert.doesNotMatch(await run("ss -Hltn"), /\[::\]|\*:/);
    assert.match(await run("sudo sshd -T"), /^addressfamily inet$/m);
    assert.equal(await run("systemctl show -P LimitNOFILE app"), "65536");
    assert.equal(await run("sudo -u app touch /opt/app/source/x 2>/dev/null || echo refused"), "refused");
    assert.match(await run("sudo journalctl -u app --no-pager"), /Serving on/);
    const environment = await run("sudo base64 -w0 /proc/$(systemctl show -P MainPID app)/environ");
    const values = Object.fromEntries(
      Buffer.from(environment, "base64").toString("utf8").split("\0").filter(Boolean).map(splitAssignment),
    );
    for (const [name, value] of Object.entries(ODD_ENV)) assert.equal(values[name], value, name);
    assert.match(await ground.machines.console("i-app-1"), /Serving on/);
  });

  it("is started again after it ended, and after a reboot", async () => {
    const address = ground.address(2);
    const pid = () => ground.ssh(address, "systemctl show -P MainPID app");
    const before = await pid();
    await ground.ssh(address, "sudo kill -KILL $(systemctl show -P MainPID app)");
    for (let attempt = 0; ["0", before].includes(await pid()); attempt++) {
      assert.ok(attempt < 100);
      await sleep(100);
    }

    await ground.machines.stop("i-app-1");
    await ground.machines.start("i-app-1");
    for (let attempt = 0; !(await fetch(`http://${address}/`).catch(() => undefined)); attempt++) {
      assert.ok(attempt < 200);
      await sleep(100);
    }
  });

  it("gives each machine an identity of its own", async () => {
    const identity = (address: string) =>
      ground.ssh(address, "cat /etc/machine-id; sudo ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key | cut -d' ' -f2");
    const [one, two] = [await identity(ground.address(2)), (await launchBaked(2, 80)).address];
    assert.match(one, /^[0-9a-f]{32}\nSHA256:/);
    const other = await identity(two);
    assert.notEqual(one.split("\n")[0], other.split("\n")[0]);
    assert.notEqual(one.split("\n")[1], other.split("\n")[1]);
    assert.equal((await ground.ssh(two, "cat ~/.ssh/authorized_keys")).trim().split("\n").length, 1);
  });

  it("runs a command as it is written, in a folder of files with odd names", async () => {
    const app = path.join(folder, "odd");
    for (const name of ODD_NAMES) {
      await mkdir(path.dirname(path.join(app, name)), { recursive: true });
      await writeFile(path.join(app, name), "");
    }
    await symlink("with space.txt", path.join(app, "link"));
    const files = [...ODD_NAMES, "link"];
    await play({ path: app, files, module: undefined, requirements: undefined, command: COMMAND });

    const [name, listing, odd] = (await launchBaked(3, 8080)).body.split("|");
    assert.equal(name, "it's 100% $5");
    for (const file of files) assert.ok(listing?.includes(file.split("/")[0] ?? file), file);
    assert.equal(odd, ODD_ENV.ODD);
  });
});

function splitAssignment(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
