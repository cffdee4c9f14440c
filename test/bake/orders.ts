import type { BakeOrder } from "../../src/bake/order.ts";

/** An order as deploy gives it, for tests to vary. */
export function order(change: Partial<BakeOrder> = {}): BakeOrder {
  return {
    id: "bake-1",
    imageName: "hello-dev-0123456789ab",
    tags: { Name: "hello-dev", "multivac:name": "hello", "multivac:environment": "dev" },
    base: { imageId: "ami-0123456789abcdef0", os: "amazon-linux-2023", sshUser: "ec2-user" },
    builder: {
      instanceType: "t3.small",
      vpcId: "vpc-1",
      subnetId: "subnet-1",
      sshInterface: "public_ip",
      sshFrom: "203.0.113.7/32",
    },
    app: {
      path: "/src/app",
      files: ["tiny_app.py"],
      hashed: undefined,
      module: "tiny_app:app",
      command: undefined,
      requirements: "requirements.txt",
      packages: [],
    },
    timezone: "UTC",
    region: "ap-southeast-2",
    env: {},
    logFile: "/tmp/bake.log",
    ...change,
  };
}
