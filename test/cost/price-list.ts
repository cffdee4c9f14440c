/**
 * Products in the shape in which GetProducts answers them (format aws_v1). **The prices are made up for tests**, with
 * digits that nobody takes for AWS's: 1.1111 and the like. Published in the year 2001, before there was AWS.
 */

interface Listed {
  serviceCode: string;
  productFamily?: string;
  attributes: Record<string, string>;
  unit: string;
  usd: string;
}

const region = "ap-southeast-2";
export const published = "2001-02-03";

/** One product of the price list, on demand. */
function product({ serviceCode, productFamily, attributes, unit, usd }: Listed): object {
  const sku = `TEST${attributes.usagetype}`;
  const term = `${sku}.JRTCKXETXF`;
  const rate = `${term}.6YS6EN2CT7`;
  return {
    product: {
      ...(productFamily ? { productFamily } : {}),
      sku,
      attributes: { regionCode: region, locationType: "AWS Region", servicecode: serviceCode, ...attributes },
    },
    serviceCode,
    terms: {
      OnDemand: {
        [term]: {
          priceDimensions: {
            [rate]: {
              unit,
              beginRange: "0",
              endRange: "Inf",
              description: "A price of a test",
              appliesTo: [],
              rateCode: rate,
              pricePerUnit: { USD: usd },
            },
          },
          sku,
          effectiveDate: "2001-02-01T00:00:00Z",
          offerTermCode: "JRTCKXETXF",
          termAttributes: {},
        },
      },
    },
    version: "20010203000000",
    publicationDate: `${published}T04:05:06Z`,
  };
}

const linux = {
  operatingSystem: "Linux",
  preInstalledSw: "NA",
  licenseModel: "No License required",
  tenancy: "Shared",
  capacitystatus: "Used",
};

/** An instance type as the list has it once for each system, tenancy and reservation. */
export function instance(instanceType: string, usd: string, more: Record<string, string> = {}): object {
  const attributes = { instanceType, usagetype: `APS2-BoxUsage:${instanceType}`, ...linux, ...more };
  return product({ serviceCode: "AmazonEC2", productFamily: "Compute Instance", attributes, unit: "Hrs", usd });
}

const balancer = { serviceCode: "AWSELB", productFamily: "Load Balancer-Application" };
const snapshots = { serviceCode: "AmazonEC2", productFamily: "Storage Snapshot", unit: "GB-Mo" };
const addresses = { serviceCode: "AmazonVPC", unit: "Hrs" };

/** What a stack needs, among what stands beside it in the real list. */
export const testPrices: object[] = [
  instance("t3.micro", "1.1111000000"),
  instance("t3.micro", "9.0000000000", { operatingSystem: "Windows", usagetype: "APS2-BoxUsage:t3.micro" }),
  instance("t3.micro", "9.0000000000", { tenancy: "Dedicated", usagetype: "APS2-DedicatedUsage:t3.micro" }),
  instance("t3.micro", "0.0000000000", {
    capacitystatus: "AllocatedCapacityReservation",
    usagetype: "APS2-Reservation:t3.micro",
  }),
  instance("t3.micro", "9.0000000000", { regionCode: "us-east-1", usagetype: "BoxUsage:t3.micro" }),
  instance("t3.small", "2.2222000000"),
  product({
    serviceCode: "AmazonEC2",
    productFamily: "Storage",
    attributes: { volumeApiName: "gp3", usagetype: "APS2-EBS:VolumeUsage.gp3" },
    unit: "GB-Mo",
    usd: "0.3333000000",
  }),
  product({ ...snapshots, attributes: { usagetype: "APS2-EBS:SnapshotUsage" }, usd: "0.4444000000" }),
  product({ ...snapshots, attributes: { usagetype: "APS2-EBS:SnapshotUsageUnderBilling" }, usd: "9.0000000000" }),
  product({ ...snapshots, attributes: { usagetype: "APS2-EBS:SnapshotArchiveStorage" }, usd: "9.0000000000" }),
  product({ ...balancer, attributes: { usagetype: "APS2-LoadBalancerUsage" }, unit: "Hrs", usd: "0.5555000000" }),
  product({ ...balancer, attributes: { usagetype: "APS2-LCUUsage" }, unit: "LCU-Hrs", usd: "0.6666000000" }),
  product({ ...balancer, attributes: { usagetype: "APS2-TS-LoadBalancerUsage" }, unit: "Hrs", usd: "9.0000000000" }),
  product({
    ...balancer,
    attributes: { usagetype: "APS2-Outposts-LoadBalancerUsage" },
    unit: "Hrs",
    usd: "9.0000000000",
  }),
  product({
    ...addresses,
    attributes: { group: "VPCPublicIPv4Address", usagetype: "APS2-PublicIPv4:InUseAddress" },
    usd: "0.0777000000",
  }),
  product({
    ...addresses,
    attributes: { group: "VPCPublicIPv4Address", usagetype: "APS2-PublicIPv4:IdleAddress" },
    usd: "9.0000000000",
  }),
];
