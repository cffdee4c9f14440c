import { Failure } from "../failure.ts";

/** An error of the AWS SDK, with the action that met it. */
interface AwsError extends Error {
  $metadata?: { requestId?: string; httpStatusCode?: number; attempts?: number };
  awsAction?: string;
}

interface Markable {
  middlewareStack: {
    add(
      // biome-ignore lint/suspicious/noExplicitAny: each client has types of its own for its middleware
      middleware: (next: (args: any) => Promise<any>, context: { commandName?: string }) => (args: any) => Promise<any>,
      options: { step: "initialize"; name: string },
    ): void;
  };
}

/** Makes every error of a client tell which action met it: `ec2:RunInstances`. */
export function markAction(client: object, service: string): void {
  (client as Markable).middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error)
          (error as AwsError).awsAction = `${service}:${(context.commandName ?? "").replace(/Command$/, "")}`;
        throw error;
      }
    },
    { step: "initialize", name: "markAction" },
  );
}

/** Turns an error of the AWS SDK or of the way to it into a `Failure`; anything else comes back as it is. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Failure) return error;
  const { awsAction: action, $metadata, name, message } = error as AwsError;
  if (!action) return error;
  const known = causes.find(({ names }) => names.test(name) || names.test((error as NodeJS.ErrnoException).code ?? ""));
  const answered = $metadata?.httpStatusCode !== undefined;
  return new Failure({
    code: known?.code ?? (answered ? "aws-refused" : "aws-unreachable"),
    message:
      known?.message(action) ?? (answered ? `AWS refused ${action}.` : `AWS could not be reached for ${action}.`),
    reason: `${name}: ${message}`,
    fix:
      known?.fix ??
      (answered
        ? "Mend what AWS names and run the same command again; it goes on from where it is."
        : "Check the network and the endpoint, then run the same command again."),
    action,
    requestId: $metadata?.requestId,
    cause: error,
  });
}

/** What errors of AWS mean for a person. Codes: the services' API references, "Common errors" and "Error codes". */
const causes: readonly { names: RegExp; code: string; message(action: string): string; fix: string }[] = [
  {
    names: /^(UnauthorizedOperation|AccessDenied|AccessDeniedException|AuthorizationError)$/,
    code: "not-allowed",
    message: (action) => `These credentials may not do ${action}.`,
    fix: "Let an administrator allow this action for your user or role, then run the same command again.",
  },
  {
    names: /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired)$/,
    code: "credentials-expired",
    message: () => "The AWS credentials have expired.",
    fix: "Log in again (aws sso login, or however you get them), then run the same command again.",
  },
  {
    names: /^(AuthFailure|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId)$/,
    code: "credentials-invalid",
    message: () => "AWS does not accept these credentials.",
    fix: "Check AWS_PROFILE and the keys; `aws sts get-caller-identity` must work with the same settings.",
  },
  {
    names: /^(CredentialsProviderError|TokenProviderError)$/,
    code: "no-credentials",
    message: () => "No AWS credentials were found.",
    fix: "Set AWS_PROFILE or --profile, log in (aws sso login), or try without an account: --sandbox.",
  },
  {
    names: /^(RequestLimitExceeded|Throttling|ThrottlingException|TooManyRequestsException|Throttled)$/,
    code: "throttled",
    message: (action) => `AWS throttled ${action} and went on doing so.`,
    fix: "Wait a minute and run the same command again; AWS_MAX_ATTEMPTS raises the number of attempts.",
  },
  {
    names:
      /(LimitExceeded|^TooMany(LoadBalancers|TargetGroups|Targets|Listeners|Rules)|^VcpuLimitExceeded|^MaxSpotInstanceCountExceeded)/,
    code: "quota-reached",
    message: (action) => `A quota of the account does not allow ${action}.`,
    fix: "Raise it in the Service Quotas console of this region, or remove what is not needed, then run the same command again.",
  },
  {
    names: /^InsufficientInstanceCapacity$/,
    code: "no-capacity",
    message: () => "AWS has no capacity for this instance type in these zones now.",
    fix: "Try again later, or set another instances.type or other subnets.",
  },
  {
    names: /^OptInRequired$/,
    code: "opt-in-required",
    message: (action) => `The account is not signed up for ${action} or this region.`,
    fix: "Enable the region or the service in the AWS console.",
  },
];

/** What went wrong, each thing by itself, explained: several where several things failed side by side. */
export function explainAll(error: unknown): unknown[] {
  const explained = explain(error);
  // Node reports a host with several addresses that all refuse as an AggregateError of its own.
  if (explained instanceof Failure || !(error instanceof AggregateError)) return [explained];
  return error.errors.flatMap(explainAll);
}
