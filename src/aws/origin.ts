/** An error of the AWS SDK, with where it comes from. */
export interface AwsError extends Error {
  $metadata?: { requestId?: string; httpStatusCode?: number; attempts?: number };
  /** The action that met it: `ec2:RunInstances`. */
  awsAction?: string;
  /** How to get new credentials, where they are the trouble. */
  awsLogIn?: string;
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

/** Makes every error of a client tell which action met it; one about credentials also how to get new ones. */
export function markOrigin(client: object, service: string, howToLogIn: () => Promise<string>): void {
  (client as Markable).middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error) {
          const origin: Pick<AwsError, "awsAction" | "awsLogIn"> = {
            awsAction: `${service}:${(context.commandName ?? "").replace(/Command$/, "")}`,
          };
          if (aboutCredentials.test(error.name)) origin.awsLogIn = await howToLogIn();
          Object.assign(error, origin);
        }
        throw error;
      }
    },
    { step: "initialize", name: "markOrigin" },
  );
}

/** Names of errors that say that credentials are not there, not good, or no longer good. */
export const aboutCredentials =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired|AuthFailure|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId|MissingAuthenticationToken)$/;
