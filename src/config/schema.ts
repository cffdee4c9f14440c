import { z } from "zod";
import { overrideOf } from "./override.ts";
import { flag, ipv4Network, list, statusMatcher, text, timeZone, trafficRule, whole } from "./values.ts";

/**
 * The config's one definition: it validates, gives the types and the JSON schema.
 * Limits are AWS's own (API references of EC2, Elastic Load Balancing v2 and Auto Scaling).
 */

const name = text(
  "2–16 characters: a letter, then lower-case letters, digits and single hyphens; not internal, sg, internal-… or sg-…",
  /^(?!internal(-|$)|sg(-|$))[a-z](-?[a-z0-9])+$/,
  16,
).describe("Name of the stack, together with the environment");

const environment = text("1–8 characters of a–z and 0–9", /^[a-z0-9]{1,8}$/);

const region = text("an AWS region, like ap-southeast-2", /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/);

const relativePath = (what: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a path with a NUL byte must be refused
  text(`${what}, a relative path without ..`, /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\u0000]+$/s);

const identifier = "[\\p{L}_][\\p{L}\\p{N}_]*";
const wsgiModule = text(
  "a WSGI callable as module:name, like tiny_app:app or site.wsgi:application",
  new RegExp(`^${identifier}(\\.${identifier})*:${identifier}(\\.${identifier})*$`, "u"),
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: no process can be given a NUL byte
const withoutNul = (what: string) => text(`${what} without NUL bytes`, /^[^\u0000]*$/);

const app = z
  .strictObject(
    {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a path with a NUL byte must be refused
      path: text("the folder with the application's source", /^[^\u0000]+$/).describe(
        "Source folder, relative to this file",
      ),
      module: wsgiModule.optional().describe("WSGI callable that waitress serves; or give command"),
      command: withoutNul("a command for /bin/sh")
        .regex(/\S/, { error: "a command for /bin/sh" })
        .optional()
        .describe("Command that /bin/sh runs in the app's folder with PORT set; or give module"),
      requirements: relativePath("a pip requirements file inside app.path").optional(),
      packages: list(
        text("a package name of the operating system", /^[A-Za-z0-9][A-Za-z0-9+._:~=-]*$/, 128),
        "a list of package names",
      ).default([]),
      exclude: list(text("a pattern in gitignore syntax", /\S/), "a list of patterns in gitignore syntax")
        .default([])
        .describe("Not part of the app, beside version control, caches and files of secrets; !name puts one in again"),
      port: whole(1, 65535).default(80),
      env: z
        .record(
          text("a name of letters, digits and _, not beginning with a digit", /^[A-Za-z_][A-Za-z0-9_]*$/),
          withoutNul("a string"),
          { error: "an object of names and strings" },
        )
        .default({})
        .describe("Given to the app at boot, not baked; not for secrets"),
    },
    { error: "an object that describes the application" },
  )
  .describe("Required unless image.id is given");

const instanceType = text("an EC2 instance type, like t3.micro", /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/);

const image = z
  .strictObject(
    {
      id: text("an AMI id, like ami-0123456789abcdef0", /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/)
        .optional()
        .describe("Deploy this image and bake nothing"),
      os: z
        .enum(["amazon-linux-2023", "ubuntu-24.04", "debian-12"], {
          error: '"amazon-linux-2023", "ubuntu-24.04" or "debian-12"',
        })
        .default("amazon-linux-2023"),
      builder: z
        .strictObject(
          { instanceType: instanceType.nullable().default(null) },
          { error: "an object like { instanceType: … }" },
        )
        .prefault({}),
      timezone: timeZone().default("UTC"),
      maxBaseAgeDays: whole(1, 3650).nullable().default(null),
      keep: whole(1, 1000).default(3).describe("Releases kept for rollback, the live one counted"),
    },
    { error: "an object that describes the image" },
  )
  .prefault({});

const network = z.strictObject(
  {
    vpcId: text("a VPC id, like vpc-0123456789abcdef0", /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/),
    subnetIds: list(
      text("a subnet id, like subnet-0123456789abcdef0", /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/),
      "a list of subnet ids",
    )
      .min(2, { error: "at least two subnets, in two Availability Zones" })
      .describe("At least two, each in another Availability Zone"),
  },
  { error: "an object with vpcId and subnetIds" },
);

const instances = z
  .strictObject(
    {
      type: instanceType.default("t3.micro"),
      min: whole(0, 10_000).default(1),
      max: whole(1, 10_000).default(1),
      volumeGiB: whole(1, 16_384).default(8),
      keyName: text("the name of an EC2 key pair", /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, 255)
        .nullable()
        .default(null),
      sshFrom: list(ipv4Network(), "a list of IPv4 networks")
        .max(59, { error: "at most 59 networks, so that the group stays within 60 rules" })
        .default([]),
      allowTo: list(trafficRule(), "a list of rules, like tcp 443 0.0.0.0/0")
        .max(60, { error: "at most 60 rules, as many as a security group takes" })
        .nullable()
        .default(null)
        .describe("Where instances may connect to; null: anywhere by IPv4"),
      instanceProfile: text(
        "the name or ARN of an IAM instance profile",
        /^([\w+=,.@-]{1,128}|arn:aws[a-z-]*:iam::\d{12}:instance-profile\/[\w+=,.@/-]{1,512})$/,
      )
        .nullable()
        .default(null),
    },
    { error: "an object that describes the instances" },
  )
  .prefault({});

const healthCheck = z
  .strictObject(
    {
      path: text("a URL path that begins with / and has no spaces", /^\/[\x21-\x7e]*$/, 1024).default("/"),
      status: statusMatcher().default("200"),
      intervalSeconds: whole(5, 300).default(10),
      timeoutSeconds: whole(2, 120).default(5),
      healthyThreshold: whole(2, 10).default(2),
      unhealthyThreshold: whole(2, 10).default(2),
      gracePeriodSeconds: whole(0, 7200).default(180),
    },
    { error: "an object that describes the health check" },
  )
  .prefault({});

const loadBalancer = z
  .strictObject(
    {
      allowFrom: list(ipv4Network(), "a list of IPv4 networks")
        .min(1, { error: "at least one network; 0.0.0.0/0 means everybody" })
        .max(60, { error: "at most 60 networks, the rules that a security group takes" })
        .default(["0.0.0.0/0"]),
      deregistrationDelaySeconds: whole(0, 3600).default(30),
      healthCheck,
    },
    { error: "an object that describes the load balancer" },
  )
  .prefault({});

// AWS's own rule leaves no room for braces, which Packer would take for its template language.
const tagCharacters = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const tags = z
  .record(
    text(
      "a tag key of 1–128 letters, digits, spaces and _.:/=+-@, not beginning with aws: or multivac:, and not Name",
      /^(?!aws:|multivac:)(?!name$)[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/iu,
      128,
    ),
    text("a tag value of at most 256 letters, digits, spaces and _.:/=+-@", tagCharacters, 256),
    { error: "an object of tag keys and values" },
  )
  .refine((value) => Object.keys(value).length <= 39, {
    error: "at most 39 tags: AWS takes 50, and multivac needs some",
  })
  .default({});

export const configSchema = z.strictObject(
  {
    $schema: z.string({ error: "the place of the JSON schema" }).optional(),
    name,
    environment: environment.default("dev"),
    region: region.optional().describe("Default: AWS_REGION or the profile's"),
    accountId: text("an AWS account id of 12 digits", /^\d{12}$/)
      .optional()
      .describe("Refuse to run in any other account"),
    app: app.optional(),
    image,
    network,
    instances,
    loadBalancer,
    deletionProtection: flag().default(false).describe("true refuses destroy and replacement"),
    tags,
  },
  { error: "an object" },
);

export type Config = z.output<typeof configSchema>;
export type AppConfig = NonNullable<Config["app"]>;

/** What differs in an environment. Which stack it is, that is told by the rest of the file. */
const override = overrideOf(configSchema.omit({ $schema: true, name: true, environment: true }));

/** What a config file holds: the config, and what differs from it in some environments. */
export const fileSchema = configSchema.extend({
  environments: z
    .record(environment, override, { error: "an object of environments, each with what differs in it" })
    .optional()
    .describe("What differs in an environment, chosen with --environment or by environment"),
});
