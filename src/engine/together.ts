/**
 * Tasks that live side by side until `given` ends them all. What breaks one for good ends all; nobody returns
 * before what is under way has ended. Rejects with what broke, not with the signal's reason.
 */
export async function together(
  given: AbortSignal,
  begin: (signal: AbortSignal) => readonly Promise<unknown>[],
): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([given, broken.signal]);
  const ended = begin(signal).map((task) =>
    task.catch((error: unknown) => {
      if (error !== signal.reason) broken.abort(error);
    }),
  );
  await Promise.all(ended);
  broken.signal.throwIfAborted();
}

/** A wait that was ended on purpose is no failure. */
export const ignoreAbort =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error;
  };
