/**
 * The machine side of the sandbox, in the order the daemon uses it: clean up what an earlier run left, prepare the base
 * root, open the network, start the package proxy, then machines and balancer. Closing goes the other way round.
 */
export { prepareBaseRoot } from "./base-root.ts";
export { cleanUp } from "./clean-up.ts";
export { createBalancer } from "./haproxy.ts";
export { openNetwork, type SandboxNetwork } from "./network.ts";
export { createMachines } from "./nspawn.ts";
export { type PackageProxy, startPackageProxy } from "./package-proxy.ts";
