import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, type EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeLoadBalancerAttributesCommand,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { inTurns } from "../../in-turns.ts";
import { resultAnswer } from "../answer.ts";
import { AwsError } from "../aws-error.ts";
import type { Call } from "../call.ts";
import type { Handler } from "../handler.ts";
import type { Later } from "../later.ts";
import type { MotoRead } from "../moto-read.ts";
import { type Parameters, parametersOf } from "../parameters.ts";
import type { Settings } from "../settings.ts";
import { type Element, elements, text } from "../xml.ts";
import { freeAddress } from "./load-balancer-address.ts";
import type { LoadBalancerInterfaces } from "./load-balancer-interfaces.ts";
import { checkGroups, checkPlacement, zonesOf } from "./load-balancer-placement.ts";
import { checkName } from "./names.ts";
import type { LoadBalancer, Topology } from "./topology.ts";

interface LoadBalancersParts {
  ec2: EC2Client;
  client: ElasticLoadBalancingV2Client;
  motoRead: MotoRead;
  topology: Topology;
  interfaces: LoadBalancerInterfaces;
  settings: Settings;
  /** The loopback block that load balancers take their addresses from. */
  loopbackBlock: string;
  later: Later;
  /** Takes over a changed set of load balancers and listeners. */
  changed: () => Promise<void>;
}

const service = "elasticloadbalancing";

/** Load balancers: AWS's checks, an address of their own, a state that takes its time, network interfaces. */
export function loadBalancers(parts: LoadBalancersParts): Handler[] {
  const { ec2, client, motoRead, topology, interfaces, settings, loopbackBlock, later, changed } = parts;

  /** Where load balancers that are being made are to stand. */
  const places = new Map<Call, { address: string; zones: string[] }>();
  const turns = inTurns();

  /** An address is free until a load balancer has it, or is being made for it. */
  function freePlace(): Promise<string> {
    const taken = [...topology.loadBalancers.values(), ...places.values()].map(({ address }) => address);
    return freeAddress(loopbackBlock, taken);
  }

  function show(shown: Element): void {
    const loadBalancer = topology.loadBalancers.get(text(shown.LoadBalancerArn));
    if (!loadBalancer) return;
    shown.DNSName = loadBalancer.address;
    const { active, failure } = loadBalancer;
    shown.State = failure ? { Code: "failed", Reason: failure } : { Code: active ? "active" : "provisioning" };
  }

  async function same(existing: LoadBalancer, call: Call): Promise<boolean> {
    const wanted = await wantedSettings(ec2, parametersOf(call));
    const equal = (a: string[], b: string[]) => [...a].sort().join() === [...b].sort().join();
    return (
      equal(existing.subnets, wanted.subnets) &&
      equal(existing.securityGroups, wanted.securityGroups) &&
      existing.scheme === wanted.scheme &&
      existing.ipAddressType === wanted.ipAddressType
    );
  }

  async function described(call: Call, arn: string) {
    const result = await motoRead(service, "DescribeLoadBalancers", { "LoadBalancerArns.member.1": arn });
    elements(result.LoadBalancers).forEach(show);
    return resultAnswer(call, { LoadBalancers: result.LoadBalancers });
  }

  async function remove(loadBalancer: LoadBalancer): Promise<void> {
    topology.loadBalancers.delete(loadBalancer.arn);
    await changed();
    later(
      () => settings.interfaceSeconds,
      () => interfaces.delete(loadBalancer),
    );
  }

  return [
    {
      service,
      action: "CreateLoadBalancer",
      // One after another: of two that make the same name at once, the second finds it made.
      around: (call, next) =>
        turns(async () => {
          const name = parametersOf(call).text("Name");
          checkName("load balancer", name);
          const existing = [...topology.loadBalancers.values()].find((one) => one.name === name);
          if (!existing) return await next().finally(() => places.delete(call));
          if (await same(existing, call)) return described(call, existing.arn);
          throw new AwsError(
            "DuplicateLoadBalancerName",
            `A load balancer with the same name '${name}' exists, but with different settings`,
          );
        }),
      async before(call) {
        const form = call.form as URLSearchParams;
        const wanted = await wantedSettings(ec2, parametersOf(call));
        const zones = await checkPlacement(ec2, wanted);
        places.set(call, { zones, address: await freePlace() });
        form.set("Scheme", wanted.scheme);
        wanted.securityGroups.forEach((id, index) => void form.set(`SecurityGroups.member.${index + 1}`, id));
      },
      async after(call, result) {
        const [shown = {}] = elements(result.LoadBalancers);
        const wanted = await wantedSettings(ec2, parametersOf(call));
        const loadBalancer: LoadBalancer = {
          ...wanted,
          ...(places.get(call) ?? { address: await freePlace(), zones: [] }),
          arn: text(shown.LoadBalancerArn),
          name: text(shown.LoadBalancerName),
          serves: false,
          active: false,
          interfaceIds: [],
        };
        topology.loadBalancers.set(loadBalancer.arn, loadBalancer);
        await interfaces.create(loadBalancer);
        const { seconds, failure } = call.fate ?? {};
        later(seconds ?? (() => settings.loadBalancerSeconds), async () => {
          if (failure !== undefined) {
            loadBalancer.failure = failure || "The load balancer could not be provisioned.";
            return;
          }
          loadBalancer.serves = true;
          await changed();
          loadBalancer.active = true;
        });
        show(shown);
      },
    },
    {
      service,
      action: "DescribeLoadBalancers",
      after: (_, result) => elements(result.LoadBalancers).forEach(show),
    },
    {
      service,
      action: "DeleteLoadBalancer",
      async instead(call) {
        const arn = parametersOf(call).text("LoadBalancerArn");
        const loadBalancer = topology.loadBalancers.get(arn);
        if (!loadBalancer) return await motoRead(service, "DeleteLoadBalancer", { LoadBalancerArn: arn });
        const { Attributes = [] } = await client.send(
          new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }),
        );
        if (Attributes.some(({ Key, Value }) => Key === "deletion_protection.enabled" && Value === "true")) {
          throw new AwsError(
            "OperationNotPermitted",
            `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
          );
        }
        await motoRead(service, "DeleteLoadBalancer", { LoadBalancerArn: arn });
        await remove(loadBalancer);
        return {};
      },
    },
    {
      service,
      action: "SetSecurityGroups",
      before: (call) => checkGroups(ec2, parametersOf(call).list("SecurityGroups")),
      async after(call) {
        const loadBalancer = topology.loadBalancers.get(parametersOf(call).text("LoadBalancerArn"));
        if (!loadBalancer) return;
        loadBalancer.securityGroups = parametersOf(call).list("SecurityGroups");
        await interfaces.setGroups(loadBalancer);
      },
    },
    {
      service,
      action: "SetSubnets",
      async before(call) {
        const loadBalancer = topology.loadBalancers.get(parametersOf(call).text("LoadBalancerArn"));
        if (loadBalancer) await checkPlacement(ec2, { ...loadBalancer, subnets: subnetsIn(parametersOf(call)) });
      },
      async after(call) {
        const loadBalancer = topology.loadBalancers.get(parametersOf(call).text("LoadBalancerArn"));
        if (!loadBalancer) return;
        loadBalancer.subnets = subnetsIn(parametersOf(call));
        loadBalancer.zones = await zonesOf(ec2, loadBalancer.subnets);
        await interfaces.delete(loadBalancer);
        await interfaces.create(loadBalancer);
        await changed();
      },
    },
  ];
}

type WantedSettings = Pick<LoadBalancer, "subnets" | "securityGroups" | "scheme" | "ipAddressType">;

/** What a create call asks for; without security groups it is the VPC's default one. */
async function wantedSettings(ec2: EC2Client, parameters: Parameters): Promise<WantedSettings> {
  const subnets = subnetsIn(parameters);
  const securityGroups = parameters.list("SecurityGroups");
  return {
    subnets,
    securityGroups: securityGroups.length > 0 ? securityGroups : await defaultGroup(ec2, subnets[0]),
    scheme: parameters.optional("Scheme") ?? "internet-facing",
    ipAddressType: parameters.optional("IpAddressType") ?? "ipv4",
  };
}

function subnetsIn(parameters: Parameters): string[] {
  const mapped = parameters.groups("SubnetMappings").map((mapping) => mapping.text("SubnetId"));
  return [...parameters.list("Subnets"), ...mapped];
}

async function defaultGroup(ec2: EC2Client, subnetId: string | undefined): Promise<string[]> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const vpcId = Subnets.find(({ SubnetId }) => SubnetId === subnetId)?.VpcId;
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  const group = SecurityGroups.find(({ VpcId, GroupName }) => VpcId === vpcId && GroupName === "default");
  return group?.GroupId ? [group.GroupId] : [];
}
