import { ProviderError } from "../core/error.ts";
import type { Clock } from "../core/provider.ts";
import type { Outflow } from "./outflow.ts";
import { canGoOn, createPatience } from "./patience.ts";
import type { Portion, PortionHooks } from "./portion.ts";

/** Where an upload stands after a request. */
export type Standing<Stored> =
  | { readonly type: "done"; readonly stored: Stored }
  /** The service has all bytes before `position`. */
  | { readonly type: "at"; readonly position: number }
  /** No useful answer: the bytes may have arrived or not. */
  | { readonly type: "broken"; readonly error: ProviderError }
  /** The service knows of no such session. */
  | { readonly type: "gone" };

/** An upload that a service takes request by request, and of which it tells how far it is. */
export interface UploadSession<Stored> {
  /** Its upload in messages: `google-drive: could not upload "a.txt"`. */
  readonly name: string;
  /** Where it begins, and whether the service is asked first, as of an earlier process's session. */
  readonly isResumed: boolean;
  /** What one request carries; `breaks`: of those so far. */
  portionBytes(breaks: number): number;
  /** Whether the service keeps what came of a request that broke off, so that it is known while one is under way. */
  readonly keepsParts: boolean;
  send(portion: Portion, hooks: PortionHooks): Promise<Standing<Stored>>;
  /** `sentUpTo`: more than that the service can't have. */
  ask(sentUpTo: number): Promise<Standing<Stored>>;
  /** Throws when the target is no longer as it should be; called before the bytes that complete the file. */
  check(): Promise<void>;
  /** Awaited when the service has taken more for good. */
  onStored(position: number): Promise<void>;
  readonly onProgress: ((sentBytes: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** After so much more it is worth keeping how far an upload came. */
export const keptBytes = 32 * 1024 ** 2;
/** What the line has taken and the service may not have yet. */
const travellingBytes = 8 * 1024 ** 2;

/**
 * Sends a source portion by portion; what the service made of it, or null where the session is gone. After each break
 * it asks how far the upload came, so that neither what arrived nor the last answer is lost. `unavailable` when it
 * gets no further: nothing is visible then. What the source fails with ends it at once.
 */
export async function sendThrough<Stored>(
  session: UploadSession<Stored>,
  source: { readonly outflow: Outflow; readonly sizeBytes: number | null },
  clock: Clock,
): Promise<Stored | null> {
  const { outflow, sizeBytes } = source;
  const patience = createPatience(clock, session.signal);
  let position = 0;
  let furthest = 0;
  let breaks = 0;
  for (let ask = session.isResumed; ; ) {
    const portion = await outflow.at(position, session.portionBytes(breaks));
    const end = portion.start + portion.lengthBytes;
    const asked = ask || portion.lengthBytes === 0;
    const standing = asked
      ? await standingAfter(() => session.ask(sizeBytes ?? end))
      : await sendPortion(session, portion);
    switch (standing.type) {
      case "gone":
        return null;
      case "done":
        await outflow.finish(sizeBytes ?? end);
        session.onProgress?.(sizeBytes ?? end);
        return standing.stored;
      case "broken":
        breaks += 1;
        await patience.wait(standing.error);
        ask = true;
        continue;
    }
    ask = false;
    position = standing.position;
    session.onProgress?.(position);
    if (position > furthest) {
      patience.renew();
      furthest = position;
      await session.onStored(position);
    } else if (portion.lengthBytes === 0 || (!asked && position <= portion.start)) {
      await patience.wait(new ProviderError("unavailable", `${session.name}: no bytes are taken`));
    }
  }
}

async function sendPortion<Stored>(
  session: UploadSession<Stored>,
  portion: Portion,
): Promise<Standing<Stored>> {
  let refusal: unknown = null;
  const beforeEnd = async () => {
    await session.check().catch((error: unknown) => {
      refusal = error;
      throw error;
    });
  };
  const keeper = createKeeper(session, portion.start);
  const onTaken = (position: number) => {
    session.onProgress?.(position);
    keeper.note(position);
  };
  const sending = session.send(portion, { onTaken, ...(portion.isLast && { beforeEnd }) });
  // Why the bytes broke off, the request does not tell: that is looked at first.
  await sending.catch(() => undefined);
  await keeper.end();
  if (refusal !== null) return standingAfter(() => Promise.reject(refusal));
  const failure = portion.failure();
  if (failure) throw failure.error;
  return standingAfter(() => sending);
}

/** Keeps, while a long request is under way, how far it came in all likelihood: whoever goes on asks the service. */
function createKeeper<Stored>({ keepsParts, onStored }: UploadSession<Stored>, start: number) {
  let kept = start;
  let keeping = Promise.resolve();
  return {
    note(position: number): void {
      if (!keepsParts || position - kept < keptBytes) return;
      const stored = position - travellingBytes;
      kept = stored;
      keeping = keeping.then(() => onStored(stored));
      // Told at the end.
      keeping.catch(() => undefined);
    },
    end: () => keeping,
  };
}

async function standingAfter<Stored>(
  request: () => Promise<Standing<Stored>>,
): Promise<Standing<Stored>> {
  try {
    return await request();
  } catch (error) {
    if (canGoOn(error)) return { type: "broken", error };
    throw error;
  }
}
