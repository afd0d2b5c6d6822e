import type { Spare } from "../core/provider.ts";

/** A number of bytes that many share. */
interface Budget {
  /** Waits for its turn and for `bytes` to be free, first come first served; returns what gives them back. */
  take(bytes: number): Promise<() => void>;
}

/** Asking for more than `limitBytes` waits for all of it. */
function createBudget(limitBytes: number): Budget {
  let freeBytes = limitBytes;
  const waiting: { bytes: number; go: () => void }[] = [];

  function serve(): void {
    for (let next = waiting[0]; next && next.bytes <= freeBytes; next = waiting[0]) {
      waiting.shift();
      freeBytes -= next.bytes;
      next.go();
    }
  }

  return {
    async take(wanted) {
      const bytes = Math.min(wanted, limitBytes);
      await new Promise<void>((go) => {
        waiting.push({ bytes, go });
        serve();
      });
      let given = false;
      return () => {
        if (given) return;
        given = true;
        freeBytes += bytes;
        serve();
      };
    },
  };
}

/** Large and small transfers queue apart, so that a small file never waits for a large one. */
export interface TransferLanes {
  /** `heldBytes`: what is held of the content at a time. */
  take(sizeBytes: number | null, heldBytes: number): Promise<() => void>;
}

const smallBytes = 4 * 1024 * 1024;
/** What a small file costs though it be empty: hashes, a part of the buffers of its line. As many fit as steps may be under way. */
const smallCostBytes = 32 * 1024;
/** What a large one costs that only flows through: the buffers of two lines. */
const largeCostBytes = 1024 * 1024;

/** Lanes that together hold about `limitBytes`. */
export function createTransferLanes(limitBytes: number): TransferLanes {
  const small = createBudget(limitBytes / 3);
  const large = createBudget((limitBytes * 2) / 3);
  return {
    take: (sizeBytes, heldBytes) =>
      sizeBytes !== null && sizeBytes <= smallBytes
        ? small.take(smallCostBytes + heldBytes)
        : large.take(largeCostBytes + heldBytes),
  };
}

/** `limitBytes` that nobody waits for. */
export function createSpare(limitBytes: number): Spare {
  let freeBytes = limitBytes;
  return {
    tryTake(bytes) {
      if (bytes > freeBytes) return null;
      freeBytes -= bytes;
      let given = false;
      return () => {
        if (!given) freeBytes += bytes;
        given = true;
      };
    },
  };
}
