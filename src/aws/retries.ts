import type { EC2ClientConfig } from "@aws-sdk/client-ec2";
import { loadConfig } from "@smithy/core/config";
import {
  NODE_MAX_ATTEMPT_CONFIG_OPTIONS,
  NODE_RETRY_MODE_CONFIG_OPTIONS,
  RETRY_MODES,
  StandardRetryStrategy,
} from "@smithy/core/retry";

type RetryStrategy = Exclude<EC2ClientConfig["retryStrategy"], undefined>;

/**
 * How often a call is sent where the user says nothing. AWS advises standard mode with more than its 3 attempts; these
 * are 3 seconds on the average where AWS cannot be reached, and half a minute where it throttles.
 */
const defaultAttempts = 8;

/**
 * Settings of clients for retries: `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE`, then the profile's `max_attempts` and
 * `retry_mode`, else standard mode with more attempts than the SDK's.
 */
export async function retrySettings(
  profile: string | undefined,
  attempts: number = defaultAttempts,
): Promise<Pick<EC2ClientConfig, "maxAttempts" | "retryMode" | "retryStrategy">> {
  const from = profile ? { profile } : {};
  const [maxAttempts, retryMode] = await Promise.all([
    loadConfig({ ...NODE_MAX_ATTEMPT_CONFIG_OPTIONS, default: attempts }, from)(),
    loadConfig(NODE_RETRY_MODE_CONFIG_OPTIONS, from)(),
  ]);
  if (retryMode === RETRY_MODES.ADAPTIVE) return { maxAttempts, retryMode };
  return { maxAttempts, retryStrategy: standardForEachCall(maxAttempts) };
}

/**
 * The SDK's standard mode with a quota of retries for each call. Its own is for all calls of a client together, 35
 * retries while AWS is in trouble: seven calls side by side use it up, and the next fails without any.
 */
function standardForEachCall(maxAttempts: number) {
  const own = new WeakMap<object, StandardRetryStrategy>();
  const strategyOf = (token: object) => own.get(token) ?? new StandardRetryStrategy(maxAttempts);
  return {
    mode: RETRY_MODES.STANDARD,
    async acquireInitialRetryToken(scope: string) {
      const strategy = new StandardRetryStrategy(maxAttempts);
      const token = await strategy.acquireInitialRetryToken(scope);
      own.set(token, strategy);
      return token;
    },
    async refreshRetryTokenForRetry(...[token, error]: Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>) {
      const strategy = strategyOf(token);
      const next = await strategy.refreshRetryTokenForRetry(token, error);
      own.set(next, strategy);
      return next;
    },
    recordSuccess(token: Parameters<StandardRetryStrategy["recordSuccess"]>[0]) {
      strategyOf(token).recordSuccess(token);
    },
  } satisfies RetryStrategy;
}
