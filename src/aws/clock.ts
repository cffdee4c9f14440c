type Answer = { response?: { headers?: Record<string, string> } };

interface Watchable {
  middlewareStack: {
    add(
      middleware: (next: (args: object) => Promise<Answer>) => (args: object) => Promise<Answer>,
      options: { step: "deserialize"; priority: "low"; name: string },
    ): void;
  };
}

/**
 * Compares this machine's clock with the `Date` of a client's answers. The result tells by how many seconds it was ahead
 * at the last one, to a second and the time that the answer took; undefined while there is none.
 */
export function watchClock(client: object): () => number | undefined {
  let ahead: number | undefined;
  (client as Watchable).middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const date = Date.parse(answer.response?.headers?.date ?? "");
      if (!Number.isNaN(date)) ahead = (Date.now() - date) / 1000;
      return answer;
    },
    // Before the SDK makes an error of an answer that refuses.
    { step: "deserialize", priority: "low", name: "watchClock" },
  );
  return () => ahead;
}
