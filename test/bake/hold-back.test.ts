import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { holdBack } from "../../src/bake/hold-back.ts";

describe("holdBack", () => {
  const begin = () => {
    const stop = new AbortController();
    return { stop, held: holdBack(stop.signal) };
  };
  const aHearing = () => sleep(250);

  it("passes the signal on when nothing is under way", async () => {
    const { stop, held } = begin();
    held.line("Waiting for SSH to become available...");
    stop.abort();
    await aHearing();
    assert.equal(held.signal.aborted, true);
  });

  it("waits until Packer knows its builder, and that it runs", async () => {
    const { stop, held } = begin();
    stop.abort();
    held.line("Creating temporary keypair: packer_1");
    held.line("Launching a source AWS instance...");
    await aHearing();
    assert.equal(held.signal.aborted, false);
    held.line("Instance ID: i-1");
    held.line("Waiting for instance (i-1) to become ready...");
    assert.equal(held.signal.aborted, false);
    held.line("Using ssh communicator to connect: 198.51.100.1");
    assert.equal(held.signal.aborted, true);
  });

  it("waits until Packer knows its image", async () => {
    const { stop, held } = begin();
    held.line("Creating AMI hello-dev-1 from instance i-1");
    stop.abort();
    await aHearing();
    assert.equal(held.signal.aborted, false);
    held.line("AMI: ami-1");
    assert.equal(held.signal.aborted, true);
  });
});
