/** Tasks that live side by side, and may come and go, until a signal ends them all. */
export interface Group {
  /** Begins tasks that end together; each ends by its signal's reason. */
  begin(begin: (signal: AbortSignal) => readonly Promise<unknown>[]): Member;
  /** Resolves when all have ended, those that came meanwhile too. Rejects with what broke one for good. */
  ended(): Promise<void>;
  /** The same once the group's signal has ended all, though none be there before. */
  over(): Promise<void>;
}

export interface Member {
  /** Resolves when its tasks have ended, by themselves or by the group's signal. */
  readonly ended: Promise<void>;
  /** Has them end, and waits until what was under way has. */
  end(reason: Error): Promise<void>;
}

/** What breaks one task for good ends all. */
export function createGroup(given: AbortSignal): Group {
  const broken = new AbortController();
  const all = AbortSignal.any([given, broken.signal]);
  const members = new Set<Promise<void>>();

  async function ended(): Promise<void> {
    while (members.size > 0) await Promise.all(members);
    broken.signal.throwIfAborted();
  }

  return {
    begin(begin) {
      const over = new AbortController();
      // One signal rather than one made of two: thousands of waits are made of this one.
      const stop = () => over.abort(all.reason);
      if (all.aborted) stop();
      all.addEventListener("abort", stop, { once: true });
      const { signal } = over;
      const tasks = begin(signal).map((task) =>
        task.catch((error: unknown) => {
          if (error !== signal.reason) broken.abort(error);
        }),
      );
      const done = Promise.all(tasks).then(() => {
        all.removeEventListener("abort", stop);
        members.delete(done);
      });
      members.add(done);
      return {
        ended: done,
        end(reason) {
          over.abort(reason);
          return done;
        },
      };
    },
    ended,
    async over() {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (all.aborted) resolve();
      all.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      await ended();
    },
  };
}

/**
 * Tasks that live side by side until `given` ends them all. What breaks one for good ends all; nobody returns
 * before what is under way has ended. Rejects with what broke, not with the signal's reason.
 */
export async function together(
  given: AbortSignal,
  begin: (signal: AbortSignal) => readonly Promise<unknown>[],
): Promise<void> {
  const group = createGroup(given);
  group.begin(begin);
  await group.ended();
}

/** A wait that was ended on purpose is no failure. */
export const ignoreAbort =
  (signal: AbortSignal) =>
  (error: unknown): void => {
    if (!signal.aborted) throw error;
  };
