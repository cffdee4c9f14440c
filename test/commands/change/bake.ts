import { type KeyChange, roll } from "./key-change.ts";

/** Keys that shape the image. A bake needs machines: without, plan tells that there is another release to bake. */

interface Live {
  release: string;
  image: string;
  /** The key of the base image that is there. */
  layer: string;
}

/** Another release than the live one has to be baked, on the base image that is there, and rolled out. */
function anotherRelease({ release, image }: Live): KeyChange["planned"] {
  const other = new RegExp(`^(?!${release})[0-9a-f]{12}$`);
  const settings = /^port 80, env empty \([0-9a-f]{6}\)$/;
  return {
    "bake image": { release: [null, other], keep: [null, 5] },
    "update launch-template": {
      imageId: [image, "(known after deploy)"],
      userData: [settings, settings],
      rootVolume: ["/dev/xvda 8 GiB gp3 encrypted", "(known after deploy)"],
      instanceTags: [{ "multivac:release": release }, { "multivac:release": other }],
    },
    ...roll,
  };
}

/** Another base image too, which takes the place of the one that is there. */
function anotherBase(live: Live): KeyChange["planned"] {
  const layer: [null, RegExp] = [null, new RegExp(`^(?!${live.layer})[0-9a-f]{12}$`)];
  return { ...anotherRelease(live), "bake base-image": { layer }, "delete base-image": {} };
}

/** The folders `app` and `other`, which has other files, lie beside the config; `app/notes.txt` is there. */
export const baking = (live: Live): readonly KeyChange[] => {
  const [planned, both] = [anotherRelease(live), anotherBase(live)];
  return [
    { key: "app.path", to: "other", planned },
    { key: "app.module", to: "tiny_app:application", planned },
    { key: "app.command", to: "exec ./serve", also: { "app.module": undefined }, planned: both },
    { key: "app.requirements", to: undefined, planned: both },
    { key: "app.packages", to: ["python3-flask", "jq"], planned: both },
    { key: "app.exclude", to: ["notes.txt"], planned },
    { key: "image.timezone", to: "Europe/Berlin", planned: both },
  ];
};

/** In the sandbox the system is the sandbox's own. */
export const bakingElsewhere = (live: Live): readonly KeyChange[] => [
  { key: "image.os", to: "ubuntu-24.04", planned: anotherBase(live) },
];

/** The base image that the live one was made of is withdrawn. */
export const bakingByAge = (live: Live): readonly KeyChange[] => [
  { key: "image.maxBaseAgeDays", to: 1, planned: anotherBase(live) },
];

export const bakingNothing: readonly KeyChange[] = [{ key: "image.builder.instanceType", to: "t3.large", planned: {} }];

/** Beside the live image there are others. What goes with them is in `keep.test.ts`. */
export const keeping: readonly KeyChange[] = [{ key: "image.keep", to: 1, planned: { "delete image": {} } }];
