import type { IncomingHttpHeaders } from "node:http";

/** Why a request may not be served, or undefined: a web page must not steer the sandbox through a browser. */
export function refusal(headers: IncomingHttpHeaders, port: number): string | undefined {
  const own = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!headers.host || !own.includes(headers.host)) return `Host ${headers.host ?? "(none)"} is not this endpoint.`;
  const { origin } = headers;
  if (origin !== undefined && !own.some((host) => origin === `http://${host}`)) {
    return `Requests from ${origin} are refused.`;
  }
  // An image or a link of a page has no origin; browsers tell of it here (Fetch Metadata, W3C).
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "none" && site !== "same-origin")
    return `Requests from a ${site} page are refused.`;
  return undefined;
}
