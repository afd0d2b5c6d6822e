import { ProviderError } from "../../src/core/error.ts";

/**
 * What can happen to bytes on their way, `at` bytes after their beginning:
 * - `cut`: the stream fails there.
 * - `truncate`: it ends there as if that were all.
 * - `flip`: that byte arrives wrong.
 * - `lose`: the chunk that holds that byte never arrives, what is behind it does.
 * - `drip`: from there on every byte comes alone.
 */
const damages = ["cut", "truncate", "flip", "lose", "drip"] as const;
export type Damage = (typeof damages)[number];

export const isDamage = (how: string): how is Damage => damages.some((each) => each === how);

export interface DamageOptions {
  readonly how: Damage;
  readonly at: number;
  /** Called once bytes were really harmed. */
  readonly onDone: () => void;
}

/** How much is lost with `lose`, at most. */
const chunkBytes = 4;

/** The stream, harmed; untouched where it ends before `at`. */
export function damaged(
  stream: ReadableStream<Uint8Array>,
  { how, at, onDone }: DamageOptions,
): ReadableStream<Uint8Array> {
  let left = at;
  let isDone = false;
  const damage = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const head = chunk.subarray(0, left);
      left -= head.length;
      const rest = chunk.subarray(head.length);
      if (head.length > 0) controller.enqueue(head);
      if (rest.length === 0) return;
      if (isDone && how !== "drip") return controller.enqueue(rest);
      if (!isDone) onDone();
      isDone = true;
      spoil(rest, how, controller);
    },
  });
  return stream.pipeThrough(damage);
}

function spoil(
  rest: Uint8Array,
  how: Damage,
  controller: TransformStreamDefaultController<Uint8Array>,
): void {
  if (how === "cut") controller.error(lost("was cut"));
  else if (how === "truncate") controller.terminate();
  else if (how === "lose") controller.enqueue(rest.subarray(chunkBytes));
  else if (how === "drip") for (const byte of rest) controller.enqueue(Uint8Array.of(byte));
  else controller.enqueue(rest.map((byte, index) => (index === 0 ? byte ^ 0xff : byte)));
}

/** A connection that failed: nothing is known of the effect. */
export function lost(what: string): ProviderError {
  return new ProviderError("unavailable", `memory: the connection ${what}`);
}
