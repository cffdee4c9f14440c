import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { execa } from "execa";
import { packagePath } from "../../src/bake/package-root.ts";
import { parsePackerVersion } from "../../src/bake/packer-version.ts";
import { renderTemplate, templateVariables } from "../../src/bake/template.ts";
import { order } from "./orders.ts";

const read = (name: string) => readFileSync(packagePath(`packer/${name}`), "utf8");
const sources = { app: read("app.pkr.hcl"), since17: read("since-1.7.hcl"), plugins: read("plugins.pkr.hcl") };
const paths = {
  playbook: "/pkg/ansible/playbook.yml",
  playbookVariables: "/tmp/w/variables.yml",
  manifest: "/tmp/w/m.json",
};
const old = { major: 1, minor: 6, patch: 6 };
const current = { major: 1, minor: 14, patch: 2 };

describe("renderTemplate", () => {
  it("gives Packer 1.6 neither plugins nor settings that it refuses", () => {
    const text = renderTemplate(sources, old);
    assert.doesNotMatch(text, /required_plugins|metadata_options|imds_support|multivac: since/);
    assert.match(text, /shutdown_behavior\s+= "terminate"/);
  });

  it("gives current Packer the plugins and IMDSv2", () => {
    const text = renderTemplate(sources, current);
    assert.match(text, /^packer \{\n {2}required_plugins/m);
    assert.match(text, /source "amazon-ebs" "app" \{[\s\S]*http_tokens\s+= "required"[\s\S]*\n\}\n\nbuild/);
    assert.match(text, /imds_support = "v2\.0"/);
    assert.doesNotMatch(text, /multivac: since/);
  });
});

it("what current Packer gets is well-formed too", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "multivac-template-"));
  try {
    const template = path.join(folder, "app.pkr.hcl");
    await writeFile(template, renderTemplate(sources, current));
    await execa("packer", ["fmt", "-check", template], { env: { CHECKPOINT_DISABLE: "1" } });
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("templateVariables", () => {
  const userData = "#!/bin/sh\nsystemd-run --unit=multivac-builder-limit --on-active=75min systemctl poweroff\n";

  it("for AWS", () => {
    assert.deepEqual(templateVariables(order(), paths, 75), {
      region: "ap-southeast-2",
      endpoint: "",
      base_image: "ami-0123456789abcdef0",
      image_name: "hello-dev-0123456789ab",
      instance_type: "t3.small",
      vpc_id: "vpc-1",
      subnet_id: "subnet-1",
      root_volume: [],
      public_ip: true,
      ssh_user: "ec2-user",
      ssh_from: "203.0.113.7/32",
      tags: { Name: "hello-dev", "multivac:name": "hello", "multivac:environment": "dev" },
      bake_id: "bake-1",
      poll_seconds: 2,
      builder_user_data: userData,
      playbook: "/pkg/ansible/playbook.yml",
      playbook_variables: "/tmp/w/variables.yml",
      manifest: "/tmp/w/m.json",
    });
  });

  it("for a custom endpoint, without a public address", () => {
    const { builder } = order();
    const variables = templateVariables(
      order({ endpoint: "http://127.0.0.1:4566", builder: { ...builder, sshInterface: "private_ip" } }),
      paths,
      75,
    );
    assert.equal(variables.endpoint, "http://127.0.0.1:4566");
    assert.equal(variables.public_ip, false);
    assert.equal(variables.poll_seconds, 1);
  });

  it("gives the builder a larger disk than its image's where that is asked for", () => {
    const builder = { ...order().builder, rootVolume: { device: "/dev/xvda", sizeGiB: 30 } };
    assert.deepEqual(templateVariables(order({ builder }), paths, 75).root_volume, [{ device: "/dev/xvda", size: 30 }]);
  });

  it("refuses what Packer would take for its template language", () => {
    assert.throws(() => templateVariables(order({ tags: { odd: "{{user}}" } }), paths, 75), {
      code: "packer-refuses-braces",
    });
  });

  it("carries no credentials", () => {
    const text = JSON.stringify(templateVariables(order({ env: { AWS_SECRET_ACCESS_KEY: "hush" } }), paths, 75));
    assert.doesNotMatch(text, /hush/);
  });
});

it("the installed Packer takes the template and its variables", async () => {
  const { stdout } = await execa("packer", ["version"], { env: { CHECKPOINT_DISABLE: "1" } });
  const version = parsePackerVersion(stdout);
  assert.ok(version, stdout);
  const folder = await mkdtemp(path.join(tmpdir(), "multivac-template-"));
  try {
    const template = path.join(folder, "app.pkr.hcl");
    const variables = path.join(folder, "app.pkrvars.json");
    await writeFile(template, renderTemplate(sources, version));
    await writeFile(path.join(folder, "playbook.yml"), "");
    const tags = { ...order().tags, Name: `a "quoted" ${"$"}{name} %{x} ü` };
    const values = templateVariables(order({ tags }), { ...paths, playbook: path.join(folder, "playbook.yml") }, 75);
    await writeFile(variables, JSON.stringify(values));
    await execa("packer", ["validate", `-var-file=${variables}`, template], { env: { CHECKPOINT_DISABLE: "1" } });
    await execa("packer", ["fmt", "-check", template], { env: { CHECKPOINT_DISABLE: "1" } });
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("parsePackerVersion", () => {
  it("reads what old and current Packer print", () => {
    assert.deepEqual(parsePackerVersion("Packer v1.6.6"), old);
    assert.deepEqual(parsePackerVersion("Packer v1.14.2\n\nYour version is out of date!"), current);
    assert.deepEqual(parsePackerVersion("Packer v1.12.0-dev"), { major: 1, minor: 12, patch: 0 });
    assert.equal(parsePackerVersion("cracklib"), undefined);
  });
});
