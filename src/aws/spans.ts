import type { SpanFacts } from "../progress.ts";
import { during, sinceThen } from "../spans.ts";

interface Metadata {
  $metadata?: { requestId?: string; httpStatusCode?: number };
}

interface Attempt {
  request?: { headers?: Record<string, string> };
}

type Next = (args: Attempt) => Promise<{ output: Metadata }>;

interface Traceable {
  middlewareStack: {
    add(
      middleware: (next: Next, context: { commandName?: string }) => Next,
      options: { step: "deserialize"; priority: "high"; name: string },
    ): void;
  };
}

/**
 * Tells of every attempt of every call of a client as a span: when, which action, what came of it. A pause before another
 * attempt is a span too. Nothing of what is sent or answered is told.
 */
export function markSpans(client: object, service: string): void {
  const { middlewareStack } = client as Traceable;
  // The SDK retries around this step, and makes errors of bad answers inside it. The outer function runs once a call.
  middlewareStack.add(
    (next, { commandName = "" }) => {
      const name = `${service}:${commandName.replace(/Command$/, "")}`;
      let failedAt: number | undefined;
      return async (args) => {
        if (failedAt !== undefined) sinceThen({ kind: "wait", name: `before another ${name}` }, failedAt);
        const send = () => next(args);
        try {
          return await during({ kind: "call", name, attempt: attemptOf(args) }, send, factsOf);
        } catch (error) {
          failedAt = performance.now();
          throw error;
        }
      };
    },
    { step: "deserialize", priority: "high", name: "markSpans" },
  );
}

/** The SDK counts its attempts in a header: `attempt=2; max=8`. */
function attemptOf({ request }: Attempt): number {
  return Number(/attempt=(\d+)/.exec(request?.headers?.["amz-sdk-request"] ?? "")?.[1] ?? 1);
}

function factsOf(answer?: { output: Metadata }, error?: unknown): SpanFacts {
  const { httpStatusCode, requestId } = (answer?.output ?? (error as Metadata | undefined))?.$metadata ?? {};
  return {
    status: httpStatusCode,
    requestId,
    ...(error instanceof Error ? { error: (error as NodeJS.ErrnoException).code ?? error.name } : {}),
  };
}
