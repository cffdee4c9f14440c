/**
 * From the first of these words to the second, Packer asks AWS to make something that it can take down only later: once
 * AWS has named it, and for a builder once it runs. Interrupted between these two, Packer 1.6.6 crashes and leaves it.
 */
const UNDER_WAY: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^Creating temporary keypair/,
    /^(Using \w+ communicator|Waiting for (SSH|WinRM)|Error |Cleaning up|Deleting temporary)/,
  ],
  [/^Creating AMI \S+ from instance/, /^AMI: ami-/],
];

/** What Packer prints must have had the time to reach this process. */
const HEARING_MS = 150;
const LIMIT_MS = 120_000;

/**
 * A signal that follows `stop`, but not while Packer waits for AWS to name a builder or an image: interrupted there, it
 * would never learn what it has to take down. Wants to hear what Packer says.
 */
export function holdBack(stop: AbortSignal): { signal: AbortSignal; line(text: string): void } {
  const held = new AbortController();
  let until: RegExp | undefined;
  let ready = false;
  const pass = () => {
    if (ready && !until) held.abort();
  };
  const onStop = () => {
    setTimeout(() => {
      ready = true;
      pass();
    }, HEARING_MS).unref();
    setTimeout(() => held.abort(), LIMIT_MS).unref();
  };
  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });
  return {
    signal: held.signal,
    line(text) {
      if (until?.test(text)) until = undefined;
      until = UNDER_WAY.find(([begins]) => begins.test(text))?.[1] ?? until;
      pass();
    },
  };
}
