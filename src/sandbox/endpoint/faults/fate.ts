/** What becomes of a load balancer, an image, an instance or an instance refresh that a call begins. */
export interface Fate {
  /** How long it takes until it is what it shall be; undefined for as long as usual. */
  seconds: number | undefined;
  /** Set where it ends in failure: why, or empty for AWS's usual words. */
  failure: string | undefined;
}
