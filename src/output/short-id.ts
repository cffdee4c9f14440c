/**
 * An id as a person reads it beside the name of its kind: an ARN without the parts that are the same for everything in a
 * stack. A load balancer is shown as `app/<name>/<id>`, as CloudWatch does ("CloudWatch metrics for your Application Load
 * Balancer"), and a listener without its load balancer's id.
 */
export function shortId(id: string): string {
  return id
    .replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "")
    .replace(/^listener\/(app|net)\/([^/]+)\/[^/]+\//, "$1/$2/…/")
    .replace(/^(loadbalancer|targetgroup)\//, "");
}
