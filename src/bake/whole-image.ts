/** What Packer says when it has made and tagged the image, and only takes down the builder any more. */
const steps = [/^AMI: (?<id>ami-\w+)/, /^Adding tags to AMI/, /^Terminating the source AWS instance/] as const;
const undone = /^(Deregistering|Cancelling|Error|Step .* was cancelled)/;

/** Tells the image's id once, as soon as the image is whole. Wants to hear what Packer says. */
export function watchWholeImage(tell: (imageId: string) => void): (text: string) => void {
  let next = 0;
  let id = "";
  return (text) => {
    if (next > 0 && undone.test(text)) next = steps.length;
    const found = steps[next]?.exec(text);
    if (!found) return;
    id = found.groups?.id ?? id;
    next += 1;
    if (next === steps.length) tell(id);
  };
}
