import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { surveyProject } from "../../src/init/project.ts";
import { temporaryFolder } from "../command-line.ts";

/** What is seen of a folder. */

test("thousands of other files hide no source, and what is asked for by name is found among them", async (t) => {
  const root = await temporaryFolder(t);
  await mkdir(path.join(root, "data"));
  await mkdir(path.join(root, "flaskr"));
  const images = Array.from({ length: 3500 }, (_, at) => path.join(root, "data", `${at}.png`));
  await Promise.all(images.map((image) => writeFile(image, "")));
  await writeFile(path.join(root, "data/requirements.txt"), "flask\n");
  await writeFile(path.join(root, "flaskr/__init__.py"), "");
  const project = await surveyProject(root);
  assert.ok(project.files.includes("flaskr/__init__.py"));
  assert.ok(project.files.length < 200);
  assert.equal(project.text("data/requirements.txt"), "flask\n");
  assert.ok(project.hasFolder("data"));
});

test("links to files inside are seen; folders and what leads out are not", async (t) => {
  const outside = await temporaryFolder(t);
  await writeFile(path.join(outside, "secret.py"), "");
  const root = await temporaryFolder(t);
  await mkdir(path.join(root, "requirements"));
  await writeFile(path.join(root, "requirements/locked.txt"), "flask\n");
  await symlink("requirements/locked.txt", path.join(root, "requirements.txt"));
  await symlink("requirements", path.join(root, "again"));
  await symlink(path.join(outside, "secret.py"), path.join(root, "out.py"));
  await symlink("nothing", path.join(root, "broken.py"));
  await symlink("circle.py", path.join(root, "circle.py"));
  const project = await surveyProject(root);
  assert.deepEqual(project.files, ["requirements.txt", "requirements/locked.txt"]);
  assert.equal(project.text("requirements.txt"), "flask\n");
});

test("a virtual environment in the root hides nothing else", async (t) => {
  const root = await temporaryFolder(t);
  for (const file of ["app.py", "pyvenv.cfg", "bin/activate", "lib/python3.9/site.py", "shop/__init__.py"]) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await writeFile(path.join(root, file), "");
  }
  await symlink("lib", path.join(root, "lib64"));
  const { files, environments } = await surveyProject(root);
  assert.deepEqual(files, ["app.py", "shop/__init__.py"]);
  assert.deepEqual(environments, ["bin", "lib", "lib64", "pyvenv.cfg"]);
});
