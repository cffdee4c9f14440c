import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  ModifyLaunchTemplateCommand,
} from "@aws-sdk/client-ec2";
import { baseImageId, type EndpointUnderTest, startEndpointUnderTest } from "./endpoint-under-test.ts";

let aws: EndpointUnderTest;
before(async () => {
  aws = await startEndpointUnderTest();
});
after(() => aws.close());

const LaunchTemplateData = { ImageId: baseImageId, UserData: "IyEvYmluL3NoCg==" };
const create = (LaunchTemplateName: string, ClientToken?: string) =>
  aws.ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName,
      LaunchTemplateData,
      ClientToken,
      TagSpecifications: [{ ResourceType: "launch-template", Tags: [{ Key: "part", Value: LaunchTemplateName }] }],
    }),
  );
const versionsOf = async (LaunchTemplateName: string, Versions?: string[]) => {
  const { LaunchTemplateVersions = [] } = await aws.ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions }),
  );
  return LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber);
};

test("more templates than moto shows come in AWS's pages", async () => {
  for (let number = 0; number < 18; number += 1) await create(`many-${number}`);
  const count = await aws.boto(`
pages = ec2.get_paginator('describe_launch_templates').paginate(PaginationConfig={'PageSize': 7})
answer(len([t for p in pages for t in p['LaunchTemplates'] if t['LaunchTemplateName'].startswith('many-')]))`);
  assert.equal(count, 18);
  const { LaunchTemplates = [] } = await aws.ec2.send(
    new DescribeLaunchTemplatesCommand({ Filters: [{ Name: "tag:part", Values: ["many-3"] }] }),
  );
  assert.deepEqual(
    LaunchTemplates.map(({ LaunchTemplateName }) => LaunchTemplateName),
    ["many-3"],
  );
});

test("a name is taken once, but a repeated token is the same template", async () => {
  const first = await create("token", "the-token");
  const again = await create("token", "the-token");
  assert.equal(again.LaunchTemplate?.LaunchTemplateId, first.LaunchTemplate?.LaunchTemplateId);
  await assert.rejects(create("token"), { name: "InvalidLaunchTemplateName.AlreadyExistsException" });
  await assert.rejects(create("no spaces"), { name: "InvalidLaunchTemplateName.MalformedException" });
});

test("a template's own tags stay out of its data", async () => {
  await create("plain");
  const { LaunchTemplateVersions = [] } = await aws.ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: "plain" }),
  );
  assert.deepEqual(LaunchTemplateVersions[0]?.LaunchTemplateData, LaunchTemplateData);
});

test("versions can be deleted, but not the default", async () => {
  await create("versions");
  for (let version = 2; version <= 3; version += 1) {
    await aws.ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateName: "versions", LaunchTemplateData }));
  }
  assert.deepEqual(await versionsOf("versions", ["$Latest", "$Default"]), [3, 1]);
  const answer = await aws.ec2.send(
    new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateName: "versions", Versions: ["1", "3", "9"] }),
  );
  assert.deepEqual(
    answer.SuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
    [3],
  );
  assert.deepEqual(
    answer.UnsuccessfullyDeletedLaunchTemplateVersions?.map(({ VersionNumber }) => VersionNumber),
    [1, 9],
  );
  assert.deepEqual(await versionsOf("versions"), [1, 2]);
  assert.deepEqual(await versionsOf("versions", ["$Latest"]), [2]);
  await assert.rejects(versionsOf("versions", ["3"]), { name: "InvalidLaunchTemplateId.VersionNotFound" });
  await aws.ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateName: "versions", DefaultVersion: "2" }));
  await aws.ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateName: "versions", Versions: ["1"] }));
  assert.deepEqual(await versionsOf("versions"), [2]);
});

test("a missing template is named by id or by name, as EC2 does", async () => {
  const describe = (input: object) => aws.ec2.send(new DescribeLaunchTemplatesCommand(input));
  await assert.rejects(describe({ LaunchTemplateIds: ["lt-0123456789abcdef0"] }), {
    name: "InvalidLaunchTemplateId.NotFound",
  });
  await assert.rejects(describe({ LaunchTemplateNames: ["none"] }), {
    name: "InvalidLaunchTemplateName.NotFoundException",
  });
});
