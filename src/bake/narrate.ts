/** Packer's own words for its steps, and what a person is told meanwhile. */
const STEPS: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [/^Prevalidating/, () => "checking name and network"],
  [/^Creating temporary keypair/, () => "making a temporary key pair"],
  [/^Creating temporary security group/, () => "making a temporary security group"],
  [/^Launching a source AWS instance/, () => "starting the builder"],
  [/^Waiting for instance \((i-\w+)\)/, (found) => `waiting for the builder ${found[1]}`],
  [/^Waiting for SSH/, () => "waiting for SSH"],
  [/^Connected to SSH/, () => "connected to the builder"],
  [/^Provisioning with Ansible/, () => "starting Ansible"],
  [/^TASK \[base : Keep this as the base image\]/, () => "keeping the base image"],
  [/^TASK \[(?:(\S+) : )?(.*)\] \*+$/, (found) => (found[1] ? `${found[1]}: ${found[2]}` : `${found[2]}`)],
  [/^Stopping the source instance/, () => "stopping the builder"],
  [/^Waiting for the instance to stop/, () => "waiting for the builder to stop"],
  [/^Creating AMI (?!tags)/, () => "creating the AMI"],
  [/^AMI: (ami-\w+)/, (found) => `waiting for ${found[1]}`],
  [/^Adding tags to AMI|^Modifying attributes on AMI/, () => "tagging the AMI"],
  [/^(?:Terminating the source|Cleaning up|Deleting temporary|No volumes to clean)/, () => "taking down the builder"],
];

/** What Packer or Ansible does now, or undefined for a line that tells nothing new. */
export function narrate(text: string): string | undefined {
  for (const [pattern, say] of STEPS) {
    const found = pattern.exec(text);
    if (found) return say(found);
  }
  return undefined;
}
