import type { Call } from "../call.ts";
import type { Handler } from "../handler.ts";
import { parametersOf } from "../parameters.ts";
import { type Element, element, elements, text } from "../xml.ts";
import type { Images } from "./images.ts";
import type { Instances } from "./instances.ts";
import { checkPageSize } from "./pages.ts";

/** `DescribeInstances`: what is gone is not shown as if it were there, and pages keep AWS's limits. */
export function describeInstances({ images, instances }: { images: Images; instances: Instances }): Handler[] {
  function complete(instance: Element): void {
    instance.rootDeviceName = images.rootDeviceName(text(instance.imageId));
    for (const one of elements(instance.networkInterfaceSet)) {
      element(one.attachment).deleteOnTermination = true;
      if (Object.keys(element(one.association)).length === 0) one.association = undefined;
    }
    if (!text(element(instance.stateReason).code)) instance.stateReason = undefined;
    const { state, stateReason } = instances.get(text(instance.instanceId)) ?? {};
    if (state === "pending") instance.instanceState = { code: 0, name: "pending" };
    if (stateReason) Object.assign(instance, { stateReason, reason: stateReason.message });
    if (state === "terminated") removeAddresses(instance);
  }

  return [
    {
      service: "ec2",
      action: "DescribeInstances",
      before(call) {
        checkPageSize(parametersOf(call), { least: 5, most: 1000 });
        seePending(call);
      },
      after(call, result) {
        for (const reservation of elements(result.reservationSet)) elements(reservation.instancesSet).forEach(complete);
        keepStates(call, result);
      },
    },
  ];
}

/** moto calls an instance running at once: among its running ones are those that are asked for as pending. */
function seePending({ form }: Call): void {
  const number = [...(form ?? [])].find(([, value]) => value === "instance-state-name")?.[0].split(".")[1];
  if (!number) return;
  const values = [...(form ?? [])].filter(([name]) => name.startsWith(`Filter.${number}.Value.`));
  const states = values.map(([, state]) => state);
  form?.set(askedStates, states.join());
  if (states.includes("pending")) form?.set(`Filter.${number}.Value.${values.length + 1}`, "running");
}

/** Keeps what is in a state that was asked for. */
function keepStates({ form }: Call, result: Element): void {
  const states = form?.get(askedStates)?.split(",");
  if (!states) return;
  const kept = elements(result.reservationSet).map((reservation) => ({
    ...reservation,
    instancesSet: elements(reservation.instancesSet).filter(({ instanceState }) =>
      states.includes(text(element(instanceState).name)),
    ),
  }));
  result.reservationSet = kept.filter(({ instancesSet }) => instancesSet.length > 0);
}

/** A parameter that moto does not know, where the call's own filter by state is kept. */
const askedStates = "_InstanceStates";

function removeAddresses(instance: Element): void {
  Object.assign(instance, {
    networkInterfaceSet: [],
    groupSet: [],
    blockDeviceMapping: [],
    privateIpAddress: undefined,
    ipAddress: undefined,
    subnetId: undefined,
    vpcId: undefined,
    privateDnsName: "",
    dnsName: "",
  });
}
