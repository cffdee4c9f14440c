/** AWS's partitions other than the commercial one, by what their regions begin with (the AWS SDK's table of partitions). */
const partitions = {
  "cn-": "aws-cn",
  "us-gov-": "aws-us-gov",
  "eusc-": "aws-eusc",
  "us-iso-": "aws-iso",
  "us-isob-": "aws-iso-b",
  "eu-isoe-": "aws-iso-e",
  "us-isof-": "aws-iso-f",
} as const;

export type Partition = "aws" | (typeof partitions)[keyof typeof partitions];

/** The part of AWS that a region belongs to, as ARNs name it ("Amazon Resource Names", IAM user guide). */
export function partitionOf(region: string): Partition {
  const [, partition] = Object.entries(partitions).find(([begin]) => region.startsWith(begin)) ?? [];
  return partition ?? "aws";
}
