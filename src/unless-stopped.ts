/** The answer, or the signal's reason as soon as it aborts: nobody waits for a look that nobody will see. */
export async function unlessStopped<T>(looking: Promise<T>, stop: AbortSignal): Promise<T> {
  let stopped = () => {};
  const stopping = new Promise<never>((_, reject) => {
    stopped = () => reject(stop.reason);
    stop.addEventListener("abort", stopped);
  });
  looking.catch(() => {});
  try {
    stop.throwIfAborted();
    return await Promise.race([looking, stopping]);
  } finally {
    stop.removeEventListener("abort", stopped);
  }
}
