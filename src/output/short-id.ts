/**
 * An id as a person reads it: an ARN without the parts that are the same for everything in a stack. A load balancer is
 * shown as `app/<name>/<id>`, as CloudWatch does ("CloudWatch metrics for your Application Load Balancer").
 */
export function shortId(id: string): string {
  return id
    .replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "")
    .replace(/^loadbalancer\//, "")
    .replace(/^listener\/(app|net)\/([^/]+)\/[^/]+\//, "listener/$1/$2/…/");
}
