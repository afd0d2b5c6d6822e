import type { Spare } from "../../src/core/provider.ts";

/** Chunks on their way, as many at once as there is memory for. */
export interface Flight {
  /** A buffer to read into, as soon as one is free. Throws the first error of what was sent. */
  buffer(): Promise<Uint8Array>;
  /** Lets `work` go on by itself; the buffer is in use until it has ended. */
  send(buffer: Uint8Array, work: () => Promise<void>): void;
  /** When all that was sent has arrived; throws the first error. */
  landed(): Promise<void>;
  /** Waits for what is under way, arrived or not, and gives the memory back. */
  end(): Promise<void>;
}

/** What is gained by more is little, and their memory is missing elsewhere. */
const width = 8;

/** One chunk at a time in `own`, more in buffers of the same size from `spare`. */
export function createFlight(own: Uint8Array, spare: Spare): Flight {
  const free = [own];
  const releases: (() => void)[] = [];
  const underWay = new Set<Promise<void>>();
  let failed: { readonly error: unknown } | null = null;

  const check = () => {
    if (failed) throw failed.error;
  };
  const more = () => {
    const release = releases.length + 1 < width ? spare.tryTake(own.length) : null;
    if (release === null) return undefined;
    releases.push(release);
    return Buffer.allocUnsafe(own.length);
  };
  return {
    async buffer() {
      for (;;) {
        check();
        const buffer = free.pop() ?? more();
        if (buffer !== undefined) return buffer;
        await Promise.race(underWay);
      }
    },
    send(buffer, work) {
      const sent: Promise<void> = work()
        .catch((error: unknown) => {
          failed ??= { error };
        })
        .finally(() => {
          underWay.delete(sent);
          free.push(buffer);
        });
      underWay.add(sent);
    },
    async landed() {
      await Promise.all(underWay);
      check();
    },
    async end() {
      await Promise.all(underWay);
      for (const release of releases) release();
    },
  };
}
