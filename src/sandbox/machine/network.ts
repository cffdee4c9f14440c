/** The address range of one sandbox on this host, and the links of its machines. */
export interface SandboxNetwork {
  vpcCidr: string;
  /** One subnet for each of the two zones. */
  subnetCidrs: readonly [string, string];
  /** The host's address as the machines see it; no subnet hands it out. */
  gatewayAddress: string;
  /** The one CIDR that the host's connections to machines come from, as Packer's source CIDR needs it. */
  hostCidr: string;
  /** The only port of the gateway that machines can open. */
  proxyPort: number;
  /** Gives the network namespace of the process `pid` its address. */
  attach(machineId: string, address: string, pid: number): Promise<void>;
  detach(machineId: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenNetworkOptions {
  sandboxId: string;
  stateFolder: string;
}

/** Claims a free address block of this host for the sandbox. */
export async function openNetwork(_options: OpenNetworkOptions): Promise<SandboxNetwork> {
  throw new Error("not built yet");
}
