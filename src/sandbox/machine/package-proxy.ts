export interface PackageProxy {
  /** What machines set as their proxy, like `http://198.18.0.1:3128`. */
  url: string;
  close(): Promise<void>;
}

export interface StartPackageProxyOptions {
  address: string;
  port: number;
  cacheFolder: string;
}

/** Starts the forward proxy that lets package requests through to this host's own package sources. */
export async function startPackageProxy(_options: StartPackageProxyOptions): Promise<PackageProxy> {
  throw new Error("not built yet");
}
