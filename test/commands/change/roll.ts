import { type KeyChange, roll } from "./key-change.ts";

/** Keys whose change only new instances bring. */

const started = (names: string, port = 80) => new RegExp(`^port ${port}, env ${names} \\([0-9a-f]{6}\\)$`);

/** `from` and `to` are images: one that was named, and one of the release `aaaaaaaaaaaa`. */
export const rolling = ({ from, to }: { from: string; to: string }): readonly KeyChange[] => [
  {
    key: "app.env",
    to: { GREETING: "hidden hello", COLOUR: "red" },
    planned: { "update launch-template": { userData: [started("empty"), started("COLOUR GREETING")] }, ...roll },
    held: [
      ({ template }) => /GREETING="hidden hello"/.test(Buffer.from(template.UserData, "base64").toString("utf8")),
      true,
    ],
  },
  {
    key: "image.id",
    to,
    planned: {
      "update launch-template": {
        imageId: [from, to],
        userData: [started(".*"), started(".*")],
        instanceTags: [{ "multivac:release": from }, { "multivac:release": "aaaaaaaaaaaa" }],
      },
      ...roll,
    },
    held: [({ template, one }) => [template.ImageId, one("instance").raw.ImageId], [to, to]],
  },
  {
    key: "instances.type",
    to: "t3.small",
    planned: { "update launch-template": { instanceType: ["t3.micro", "t3.small"] }, ...roll },
    held: [({ template, one }) => [template.InstanceType, one("instance").raw.InstanceType], ["t3.small", "t3.small"]],
  },
  {
    key: "instances.volumeGiB",
    to: 20,
    planned: {
      "update launch-template": { rootVolume: ["/dev/xvda 8 GiB gp3 encrypted", "/dev/xvda 20 GiB gp3 encrypted"] },
      ...roll,
    },
    held: [
      ({ template }) => template.BlockDeviceMappings[0].Ebs,
      { VolumeSize: 20, VolumeType: "gp3", Encrypted: true, DeleteOnTermination: true },
    ],
  },
  {
    key: "instances.keyName",
    to: "somebody",
    planned: { "update launch-template": { keyName: [null, "somebody"] }, ...roll },
    held: [({ template, one }) => [template.KeyName, one("instance").raw.KeyName], ["somebody", "somebody"]],
  },
  {
    key: "instances.instanceProfile",
    to: "reader",
    planned: { "update launch-template": { instanceProfile: [null, "reader"] }, ...roll },
    held: [({ template }) => template.IamInstanceProfile, { Name: "reader" }],
  },
];

/** New instances beside the old: they cannot be healthy in two target groups on two ports. See also `replace.test.ts`. */
export const replacing: readonly KeyChange[] = [
  {
    key: "app.port",
    to: 8080,
    planned: {
      "update load-balancer-security-group-rules": { egress: [[/^tcp 80 sg-\w+$/], [/^tcp 8080 sg-\w+$/]] },
      "update instance-security-group-rules": { ingress: [[/^tcp 80 sg-\w+$/], [/^tcp 8080 sg-\w+$/]] },
      "replace target-group": { port: [80, 8080] },
      "update listener": { action: [/^forward arn:.*hello-test-tg\//, "forward (known after deploy)"] },
      "update launch-template": { userData: [started("empty"), started("empty", 8080)] },
      "replace auto-scaling-group": { targetGroupArns: [[/hello-test-tg\//], ["(known after deploy)"]] },
    },
  },
];
