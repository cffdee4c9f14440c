import { siteUrl } from "../deploy/healthy.ts";
import { placeOf } from "../deploy/prepare.ts";
import { notDeployed } from "../deploy/standing.ts";
import type { OpenDocument } from "../documents.ts";
import { look } from "../engine/look.ts";
import type { Outcome } from "../output/document.ts";
import { type LoadBalancerLive, loadBalancer } from "../resources/load-balancer.ts";
import { type Context, isSandboxDown, nameStack, openNamed } from "../session.ts";
import { commandLine } from "./hint.ts";

/** Opens the site in the browser, and prints its URL. Without a browser to be seen it only prints it, and says so. */
export async function open(context: Context): Promise<Outcome<OpenDocument>> {
  const deploy = commandLine("deploy", context);
  if (await isSandboxDown(context)) throw notDeployed(await nameStack(context), deploy, "The sandbox is not running.");
  const session = await openNamed(context);
  const { aws, stack } = session;
  const seen = await look(aws, stack, [loadBalancer], { brief: true });
  const balancer = seen.get(loadBalancer)?.owned[0] as LoadBalancerLive | undefined;
  if (!balancer) throw notDeployed(stack, deploy, "It has no load balancer, which the URL is of.");
  const url = siteUrl(balancer.dnsName);
  const why = whyNoBrowser(process) ?? (await openInBrowser(url));
  if (why) context.report({ type: "note", text: `Not opened: ${why}.` });
  return {
    exitCode: 0,
    document: { stack: await placeOf(session, seen), url, opened: why === undefined },
    text: url,
  };
}

/** Why nobody would see a browser that this process opens; undefined where somebody would. */
function whyNoBrowser({ stdout, env, platform }: Pick<NodeJS.Process, "stdout" | "env" | "platform">) {
  if (!stdout.isTTY) return "stdout is no terminal";
  if (env.CI) return "CI is set";
  const hasDisplay = platform !== "linux" || env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME;
  return hasDisplay ? undefined : "this machine has no display";
}

/** Why it could not be opened; undefined once the browser is told. */
async function openInBrowser(url: string): Promise<string | undefined> {
  const { default: openUrl } = await import("open");
  try {
    const opening = await openUrl(url);
    opening.on("error", () => undefined);
    return undefined;
  } catch (error) {
    return `no browser could be started (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`;
  }
}
