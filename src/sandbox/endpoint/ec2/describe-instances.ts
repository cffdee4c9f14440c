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
    const state = instances.get(text(instance.instanceId))?.state;
    if (state === "terminated") removeAddresses(instance);
  }

  return [
    {
      service: "ec2",
      action: "DescribeInstances",
      before: (call) => void checkPageSize(parametersOf(call), { least: 5, most: 1000 }),
      after(_, result) {
        for (const reservation of elements(result.reservationSet)) elements(reservation.instancesSet).forEach(complete);
      },
    },
  ];
}

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
