import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { boto, python } from "../boto3.ts";
import { multivac, packageRoot, type Ran, temporaryFolder, writeConfig } from "../command-line.ts";
import { assertEnds, documented } from "../errors/documented.ts";
import { programs } from "../programs.ts";
import { startSandbox, type TestSandbox } from "../sandboxes.ts";

/** What `doctor` says of a deploy's needs, and that a deploy without them ends before it changes anything. */

interface Checked {
  name: string;
  state: "ok" | "warning" | "failed" | "unknown";
  detail: string;
  fix?: string;
}

let aws: TestSandbox;
let network: Awaited<ReturnType<typeof makeNetwork>>;
before(async () => {
  aws = await startSandbox("doctor", { machines: false });
  network = await makeNetwork();
});
after(() => aws?.stop());

/** A VPC with subnets that a stack can live in, and some that it cannot. */
async function makeNetwork(): Promise<Record<"vpc" | "a" | "c" | "alsoA" | "apart" | "full", string>> {
  return await python(
    aws.env,
    `
ec2 = client("ec2")
vpc = ec2.create_vpc(CidrBlock="198.19.0.0/20")["Vpc"]["VpcId"]
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
[main] = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
ec2.create_route(RouteTableId=main["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)


def subnet(block, zone):
    place = {"CidrBlock": f"198.19.{block}", "AvailabilityZone": f"ap-southeast-2{zone}"}
    return ec2.create_subnet(VpcId=vpc, **place)["Subnet"]["SubnetId"]


found = {"vpc": vpc, "a": subnet("0.0/24", "a"), "c": subnet("1.0/24", "c"), "alsoA": subnet("2.0/24", "a")}
found["apart"] = subnet("3.0/24", "c")
table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
ec2.associate_route_table(RouteTableId=table, SubnetId=found["apart"])
found["full"] = subnet("4.0/28", "c")
for _ in range(4):
    ec2.create_network_interface(SubnetId=found["full"])
answer(found)
`,
  );
}

interface Case {
  /** Without it, the sandbox's own network and a bake. */
  subnets?: () => string[];
  config?: object;
  env?: (t: TestContext) => Promise<Record<string, string>>;
  faults?: object[];
  settings?: object;
  /** The lines of doctor that fail, and what they say; and the codes with which a deploy ends. */
  lines: Record<string, { detail: RegExp; fix: RegExp; code: string }>;
}

const cases: Record<string, Case> = {
  "subnets that are not there, or another VPC's": {
    subnets: () => [network.a, "subnet-0123456789abcdef0", aws.subnetIds[1] ?? ""],
    lines: {
      subnets: {
        detail:
          /no subnet subnet-0123456789abcdef0 in ap-southeast-2.*subnet-\w+ lies in vpc-\w+, not in network\.vpcId, vpc-/s,
        fix: /network\.subnetIds.*aws ec2 describe-subnets/,
        code: "network-unfit",
      },
    },
  },
  "subnets that cannot carry a stack, and a type that a zone does not have": {
    subnets: () => [network.a, network.alsoA, network.apart, network.full],
    config: { instances: { type: "c1.medium" } },
    lines: {
      zones: {
        detail: /subnets subnet-\w+, subnet-\w+ lie in one zone, ap-southeast-2a/,
        fix: /different Availability Zones/,
        code: "network-unfit",
      },
      internet: {
        detail: /subnet-\w+ is private.* route table rtb-\w+ sends 0\.0\.0\.0\/0 nowhere/,
        fix: /aws ec2 create-route --route-table-id rtb-\w+ .*--gateway-id igw-\w+/,
        code: "network-unfit",
      },
      addresses: {
        detail: /has 7 free addresses\. A load balancer needs 8/,
        fix: /larger subnets/,
        code: "network-unfit",
      },
      offered: {
        detail: /c1\.medium is not offered in ap-southeast-2c/,
        fix: /instances\.type.*ap-southeast-2a, ap-southeast-2b/,
        code: "type-not-offered",
      },
    },
  },
  "a builder of another architecture": {
    config: { image: { builder: { instanceType: "t4g.small" } } },
    lines: {
      "instance-type": {
        detail: /builder's t4g\.small is arm64, and t3\.micro is x86_64/,
        fix: /image\.builder\.instanceType/,
        code: "architecture-mismatch",
      },
    },
  },
  "an image of another architecture": {
    config: { instances: { type: "t4g.micro" } },
    lines: {
      image: {
        detail: /is for x86_64, and t4g\.micro is arm64/,
        fix: /instances\.type/,
        code: "architecture-mismatch",
      },
    },
  },
  "an instance type that there is not": {
    config: { instances: { type: "t9.huge" } },
    lines: {
      "instance-type": {
        detail: /t9\.huge is not an instance type/,
        fix: /instances\.type/,
        code: "unknown-instance-type",
      },
    },
  },
  "no such key pair, quotas that are reached, a permission and a program that are missing": {
    config: {
      instances: { keyName: "mine" },
      loadBalancer: { allowFrom: ["192.0.2.0/25", "192.0.2.128/25"] },
    },
    settings: { quotas: { "L-1216C47A": 1, "L-53DA6B97": 0, "L-0EA8095F": 1 } },
    faults: [{ action: "CreateSecurityGroup", fault: { kind: "refuse" } }],
    env: (t) => programs(t, ["ansible-playbook", "ssh"]),
    lines: {
      packer: { detail: /There is no packer on PATH/, fix: /apt-get install packer/, code: "packer-missing" },
      "key-pair": {
        detail: /no key pair mine in ap-southeast-2/,
        fix: /instances\.keyName.*aws ec2 describe-key-pairs/,
        code: "key-pair-not-found",
      },
      "vcpu-quota": {
        detail: /Standard .*\(L-1216C47A\) does not allow 2 more\. It is 1, and 0 are used/,
        fix: /servicequotas\/home\/services\/ec2\/quotas\/L-1216C47A/,
        code: "quota-reached",
      },
      "load-balancer-quota": {
        detail: /"Application Load Balancers per Region" \(L-53DA6B97\) does not allow 1 more/,
        fix: /services\/elasticloadbalancing\/quotas\/L-53DA6B97/,
        code: "quota-reached",
      },
      "rule-quota": {
        detail: /\(L-0EA8095F\) does not allow 2 more/,
        fix: /loadBalancer\.allowFrom/,
        code: "quota-reached",
      },
      permissions: {
        detail: /may not do ec2:CreateSecurityGroup/,
        fix: /allow ec2:CreateSecurityGroup on \S+ to arn:/,
        code: "not-allowed",
      },
    },
  },
  "no such instance profile, and no Ansible": {
    config: { instances: { instanceProfile: "web" } },
    env: (t) => programs(t, ["packer", "ssh"]),
    lines: {
      ansible: {
        detail: /There is no ansible-playbook on PATH/,
        fix: /apt-get install ansible-core/,
        code: "ansible-playbook-missing",
      },
      "instance-profile": {
        detail: /no instance profile web .*Invalid IAM Instance Profile name/,
        fix: /instances\.instanceProfile.*aws iam list-instance-profiles/,
        code: "instance-profile-not-found",
      },
    },
  },
  "a permission to look that is missing": {
    faults: [{ action: "DescribeTargetGroups", fault: { kind: "refuse" } }],
    lines: {
      stack: {
        detail: /may not do elasticloadbalancing:DescribeTargetGroups/,
        fix: /allow elasticloadbalancing:DescribeTargetGroups/,
        code: "not-allowed",
      },
    },
  },
};

for (const [what, one] of Object.entries(cases)) {
  const codes = [...new Set(Object.values(one.lines).map(({ code }) => code))];
  test(`${what}: doctor says so, and deploy refuses with ${codes}`, async (t) => {
    t.after(async () => {
      await aws.control("faults", {});
      await aws.control("settings", { quotas: {} });
    });
    await aws.control("faults", { rules: one.faults ?? [] });
    await aws.control("settings", one.settings ?? {});
    const run = await setUp(t, one);
    await aws.calls();
    const [checked, deployed] = await Promise.all([run("doctor"), run("deploy")]);

    assert.equal(checked.code, 1, checked.stderr);
    assert.deepEqual(namesOf(checked, "failed"), Object.keys(one.lines), "each thing is told in one line");
    const said = deployed.stderr.replaceAll(/\s+/g, " ");
    for (const [name, { detail, fix, code }] of Object.entries(one.lines)) {
      const found = named(checked, name);
      assert.match(found.detail, detail);
      assert.match(found.fix ?? "", fix);
      assert.match(said, detail, "a deploy says the same");
      assert.match(said, fix);
      assert.ok(said.includes(`(${code})`), said);
    }
    assert.ok(codes.includes(deployed.json().error?.code ?? ""), deployed.stdout);
    assert.ok(codes.every((code) => documented.get(code)?.exits.includes(deployed.code)));
    assert.deepEqual(await changes(), []);
  });
}

/** Writes the config of a case; what comes back runs a command on it. */
async function setUp(t: TestContext, { subnets, config, env }: Partial<Case>) {
  const cwd = await temporaryFolder(t);
  const more = (await env?.(t)) ?? {};
  const place = subnets && {
    network: { vpcId: network.vpc, subnetIds: subnets() },
    image: { id: aws.baseImageId },
  };
  await writeConfig(cwd, { ...place, ...config });
  // A run that is given a network does not know that it is in a sandbox.
  const own = subnets ? aws.env : { MULTIVAC_SANDBOX: aws.id };
  return (command: "doctor" | "deploy", args: string[] = []) =>
    multivac([command, "--json", "--yes", ...(subnets ? [] : ["--sandbox"]), ...args].filter(isGiven(command)), {
      cwd,
      env: { ...own, ...more },
    });
}

const isGiven = (command: string) => (arg: string) => command === "deploy" || arg !== "--yes";

/** What has been changed since calls were last asked for. */
async function changes(): Promise<string[]> {
  return (await aws.calls()).filter(({ changing }) => changing).map(({ action }) => action);
}

function checks(ran: Ran): Checked[] {
  return ran.json().checks as Checked[];
}

function namesOf(ran: Ran, state: Checked["state"]): string[] {
  return checks(ran)
    .filter((one) => one.state === state)
    .map(({ name }) => name);
}

function named(ran: Ran, name: string): Checked {
  const found = checks(ran).find((one) => one.name === name);
  assert.ok(found, `${name} is not among ${checks(ran).map((one) => one.name)}`);
  return found;
}

test("all is well in a sandbox, before a deploy and after it", async (t) => {
  const run = await setUp(t, {});
  const before = await run("doctor");
  assert.deepEqual(
    checks(before).filter(({ state }) => state !== "ok"),
    [],
  );
  assert.equal(before.code, 0, before.stderr);
  assert.deepEqual(before.json().stack, {
    name: "hello",
    environment: "test",
    region: "ap-southeast-2",
    account: "123456789012",
  });
  assert.match(named(before, "stack").detail, /nothing of hello-test is there yet/);
  assert.match(named(before, "permissions").detail, /RunInstances, CreateSecurityGroup.*not tried.*load balancers/);

  const deployed = await run("deploy", ["--image", aws.baseImageId]);
  assert.equal(deployed.code, 0, deployed.stderr);
  await aws.calls();
  const after = await run("doctor");
  assert.deepEqual(
    checks(after).filter(({ state }) => state !== "ok"),
    [],
  );
  assert.match(named(after, "stack").detail, /\d+ resources of hello-test/);
  assert.match(named(after, "permissions").detail, /TerminateInstances/);
  assert.equal(named(after, "load-balancer-quota").detail, "no more are needed");
  assert.match(named(after, "vcpu-quota").detail, /^2 of 32 used/);
  assert.deepEqual(await changes(), [], "a dry run changes nothing");
  assert.equal((await aws.state()).instance?.length, 1);
});

test("what cannot be looked at is told, and is no failure", async (t) => {
  t.after(() => aws.control("faults", {}));
  await aws.control("faults", {
    rules: ["GetServiceQuota", "DescribeSubnets"].map((action) => ({ action, fault: { kind: "refuse" } })),
  });
  const run = await setUp(t, {});
  const ran = await run("doctor");
  assert.equal(ran.code, 0, ran.stderr);
  const unknown = Object.fromEntries(
    checks(ran)
      .filter(({ state }) => state === "unknown")
      .map(({ name, detail }) => [name, detail]),
  );
  assert.match(unknown["vcpu-quota"] ?? "", /^not checked: .*may not do servicequotas:GetServiceQuota/);
  assert.match(unknown.subnets ?? "", /^not checked: .*may not do ec2:DescribeSubnets/);
  for (const name of ["zones", "internet", "addresses", "offered"])
    assert.equal(unknown[name], "not checked: it needs subnets");
  assert.match(named(ran, "subnets").fix ?? "", /allow ec2:DescribeSubnets/);
  // Nor does it keep a deploy from what it would do without.
  const deployed = await run("deploy", ["--image", aws.baseImageId]);
  assert.equal(deployed.code, 0, deployed.stderr);
});

test("without good credentials, or in another account, one line says so, and the rest that it waits for that", async (t) => {
  const cwd = await temporaryFolder(t);
  const place = { network: { vpcId: network.vpc, subnetIds: [network.a, network.c] }, image: { id: aws.baseImageId } };
  await writeConfig(cwd, { ...place, accountId: "999999999999" });
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...bare } = aws.env;
  for (const [cause, code, env] of [
    ["credentials", "no-credentials", bare],
    ["account", "wrong-account", aws.env],
  ] as const) {
    await aws.calls();
    const options = { cwd, env: { HOME: cwd, ...env } };
    const [ran, deployed] = await Promise.all([
      multivac(["doctor", "--json"], options),
      multivac(["deploy", "--yes", "--json"], options),
    ]);
    assertEnds(ran, "not-ready", { exit: 1, message: new RegExp(`: ${cause}\\.$`), fix: / doctor --json$/ });
    assert.deepEqual(namesOf(ran, "failed"), [cause]);
    assert.ok(named(ran, cause).fix);
    assert.equal(named(ran, "subnets").detail, `not checked: it needs ${cause}`);
    assert.equal(named(ran, "permissions").detail, `not checked: it needs ${cause}`);
    assert.equal(deployed.json().error?.code, code, deployed.stderr);
    assert.deepEqual(await changes(), []);
  }
});

test("with nothing but its own file to go by it says what is wrong with that", async (t) => {
  const cwd = await temporaryFolder(t);
  const ran = await multivac(["doctor", "--json"], { cwd, env: { HOME: cwd } });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(named(ran, "config").detail, /config\.json/);
  assert.equal(named(ran, "region").state, "failed");
  assert.match(named(ran, "region").fix ?? "", /--region/);
  assert.equal(named(ran, "credentials").detail, "not checked: it needs region");
  assert.deepEqual(ran.json().stack, { name: null, environment: null, region: null, account: null });
});

test("a sandbox that does not run is not started to look at it", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  const ran = await multivac(["doctor", "--sandbox", "--json"], { cwd, env: { MULTIVAC_SANDBOX: "test-doctor-none" } });
  assert.equal(named(ran, "region").detail, "not checked: the sandbox is not running");
  assert.match(named(ran, "region").fix ?? "", /sandbox start/);
  assert.match(named(ran, "sandbox").detail, /has what it needs|lacks what the sandbox needs/);
  assert.equal(named(ran, "public-address").state, "ok");
});

test("a clock that is wrong, and a subnet behind something else than an internet gateway", async (t) => {
  const ahead = `const now = Date.now; Date.now = () => now() + 400_000;
    globalThis.Date = class extends Date { constructor(...given) { given.length ? super(...given) : super(Date.now()); } };`;
  const run = await setUp(t, {
    subnets: () => [network.a, network.apart],
    env: async () => ({ NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(ahead)}"` }),
  });
  const { RouteTables } = await boto(aws.env, "ec2", "describe_route_tables", {
    Filters: [{ Name: "association.subnet-id", Values: [network.apart] }],
  });
  const route = { RouteTableId: RouteTables[0].RouteTableId, DestinationCidrBlock: "0.0.0.0/0" };
  const { NetworkInterfaces } = await boto(aws.env, "ec2", "describe_network_interfaces", {
    Filters: [{ Name: "subnet-id", Values: [network.full] }],
  });
  await boto(aws.env, "ec2", "create_route", { ...route, NetworkInterfaceId: NetworkInterfaces[0].NetworkInterfaceId });
  t.after(() => boto(aws.env, "ec2", "delete_route", route));
  const ran = await run("doctor");
  assert.equal(named(ran, "clock").state, "warning");
  assert.match(named(ran, "clock").detail, /^(399|40\d|41\d) s ahead of AWS's/);
  assert.equal(named(ran, "internet").state, "warning");
  assert.match(named(ran, "internet").detail, /through eni-/);
  assert.equal(ran.code, 0, ran.stdout);
});

test("Packer's plugins, of a Packer that has none built in", async (t) => {
  const script = (listed: string) =>
    `case "$1 $2" in "version ") echo "Packer v1.11.2";; "plugins installed") printf '${listed}';; *) exit 1;; esac`;
  const plugin = (name: string) =>
    `/plugins/github.com/hashicorp/${name}/packer-plugin-${name}_v1.3.2_x5.0_linux_amd64\\n`;
  for (const [listed, state, detail] of [
    [plugin("amazon"), "warning", /first bake fetches ansible from github\.com/],
    [plugin("amazon") + plugin("ansible"), "ok", /^amazon 1\.3\.2, ansible 1\.3\.2$/],
  ] as const) {
    const run = await setUp(t, { env: () => programs(t, ["ansible-playbook", "ssh"], { packer: script(listed) }) });
    const found = named(await run("doctor"), "packer-plugins");
    assert.equal(found.state, state);
    assert.match(found.detail, detail);
  }
});

test("for a person: a line for each, its fix below it, how many went how", async (t) => {
  t.after(() => aws.control("settings", { quotas: {} }));
  await aws.control("settings", { quotas: { "L-1216C47A": 1 } });
  const cwd = await temporaryFolder(t);
  await writeConfig(cwd);
  const ran = await aws.run(["doctor"], { cwd });
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^hello-test in ap-southeast-2, account 123456789012\n✔ node {2,}\d+\.\d+\.\d+\n/);
  assert.match(ran.stdout, /\n✖ vcpu quota {2,}The quota .*\n {5,}→ Raise it in this region \(https:/);
  assert.match(ran.stdout, /\n\d+ checks: \d+ ok, 1 failed\.\n?$/);
  assert.match(ran.stderr, /^✖ A deploy would not get far: vcpu quota\.\n {2}1 of \d+ checks failed\.\n/);
});

test("docs/doctor.md tells of each check", async (t) => {
  const text = await readFile(path.join(packageRoot, "docs/doctor.md"), "utf8");
  const run = await setUp(t, {});
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(
    rows,
    checks(await run("doctor")).map(({ name }) => name),
  );
});
