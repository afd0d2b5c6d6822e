/** A part of a source on its way out in one request. */
export interface Portion {
  /** Position in the source of its first byte. */
  readonly start: number;
  readonly lengthBytes: number;
  /** Whether it reaches the end of the source. */
  readonly isLast: boolean;
  /** Its bytes where they are in memory; valid until the next portion. Null: they flow from the source. */
  readonly bytes: Uint8Array | null;
  /** Its bytes as they are wanted, from its start at each call, for the one who called last; nothing is read before the first is wanted. */
  open(hooks?: PortionHooks): ReadableStream<Uint8Array>;
  /** Why the bytes that were opened last broke off; null: they did not. The request itself would not tell. */
  failure(): { readonly error: unknown } | null;
}

export interface PortionHooks {
  /** Awaited before the last bytes are given out; they are not when it fails. */
  readonly beforeEnd?: () => Promise<void>;
  /** Position in the source of what the line has taken. */
  readonly onTaken?: (position: number) => void;
}

/** The next bytes of a portion; null after the last. */
export type Take = () => Promise<{ readonly bytes: Uint8Array; readonly isEnd: boolean } | null>;

/** Between two calls of `onTaken`. */
const toldBytes = 1024 ** 2;

/** What a portion opens as: bytes are taken one by one, as they are wanted, and why they broke off is kept. */
export function createPortionStream(
  take: Take,
  start: number,
  { beforeEnd, onTaken }: PortionHooks,
  onFailure: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  let position = start;
  let told = start;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (position - told >= toldBytes) {
            told = position;
            onTaken?.(position);
          }
          const next = await take();
          if (next === null) return controller.close();
          if (next.isEnd) await beforeEnd?.();
          position += next.bytes.length;
          controller.enqueue(next.bytes);
        } catch (error) {
          onFailure(error);
          throw error;
        }
      },
    },
    { highWaterMark: 0 },
  );
}
