/** What a machine needs to boot; everything but the disk reaches it on its first boot, as cloud-init would bring it. */
export interface MachineSpec {
  /** The EC2 instance's id; the machine's name. */
  id: string;
  /** The AMI whose disk it boots. */
  imageId: string;
  /** Its private IPv4 address inside the sandbox's VPC. */
  address: string;
  hostname: string;
  /** OpenSSH public keys that may log in as the image's default user. */
  publicKeys: readonly string[];
  /** Decoded user data, if any: a `#!` script that runs once, as root, on first boot. */
  userData?: string | undefined;
}

/**
 * The machines behind the sandbox's EC2 instances. One implementation boots real systemd machines, the other only
 * remembers what it was told, for runs of the endpoint without machines.
 */
export interface Machines {
  /** Creates the disk and boots. Resolves once the machine runs and can be logged in to; rejects when it cannot. */
  launch(spec: MachineSpec): Promise<void>;
  /** Boots a stopped machine again from its own disk. */
  start(id: string): Promise<void>;
  /** Powers off in an orderly way, by force after a limit. Does nothing for a machine that is off. */
  stop(id: string): Promise<void>;
  /** Powers off and removes the disk. Does nothing for a machine that is gone. */
  terminate(id: string): Promise<void>;
  /** Freezes the machine's disk as the image's. The machine may be running or off, and can be used afterwards. */
  createImage(id: string, imageId: string): Promise<void>;
  /** Forgets the image; its layer stays on disk as long as a machine or another image stands on it. */
  deleteImage(imageId: string): Promise<void>;
  /** What the machine has written to its console since its first boot, the last 64 KiB of it. */
  console(id: string): Promise<string>;
  /** The host's pid of the machine's PID 1; undefined while it is off, and where there is no real machine. */
  pid(id: string): number | undefined;
  /** Calls back with the id when a machine ended without being told to (crash, kill, its own poweroff). */
  onExit(listener: (id: string) => void): void;
  /** Takes every machine and image of this sandbox down. */
  close(): Promise<void>;
}

export interface BalancerTarget {
  /** The instance's id. */
  id: string;
  address: string;
  port: number;
  /** Open connections may finish; no new request is sent. */
  draining: boolean;
}

export interface BalancerListener {
  /** The load balancer's own loopback address. */
  address: string;
  port: number;
  /** The target group's name: listeners of one group share its targets. */
  targetGroup: string;
  /** Exactly the targets that may get requests now. The endpoint decides their health, as Elastic Load Balancing does. */
  targets: readonly BalancerTarget[];
}

/** The data path of the sandbox's load balancers. */
export interface Balancer {
  /** Brings the data path to exactly these listeners without dropping a request in flight. Calls are serialised. */
  apply(listeners: readonly BalancerListener[]): Promise<void>;
  /** Requests under way to a target, over all its connections. */
  requestsUnderWay(targetGroup: string, targetId: string): Promise<number>;
  close(): Promise<void>;
}
