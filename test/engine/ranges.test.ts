import { describe, expect, it } from "vitest";
import type { ItemId } from "../../src/core/entry.ts";
import type { Provider, Spare } from "../../src/core/provider.ts";
import { readRanges } from "../../src/engine/ranges.ts";

const MiB = 1024 * 1024;

/** A file that is read in parts; how many of them are open, and how much memory is out. */
function createFile(isRefused = false) {
  const held = { open: 0, spareBytes: 0 };
  const spare: Spare = {
    tryTake(bytes) {
      held.spareBytes += bytes;
      return () => {
        held.spareBytes -= bytes;
      };
    },
  };
  const read: Provider["read"] = async (_, { offset = 0, lengthBytes = 0 } = {}) => {
    if (isRefused && offset === 0) throw new Error("refused");
    held.open += 1;
    let left = lengthBytes;
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const bytes = new Uint8Array(Math.min(left, MiB));
          left -= bytes.length;
          controller.enqueue(bytes);
          if (left > 0) return;
          held.open -= 1;
          controller.close();
        },
        cancel() {
          held.open -= 1;
        },
      },
      { highWaterMark: 0 },
    );
  };
  const provider = { read } as Provider;
  const sizeBytes = 20 * MiB;
  const options = { provider, id: "a" as ItemId, sizeBytes, spare, width: 3, options: {} };
  return { held, open: () => readRanges(options, 0) };
}

const nothing = { open: 0, spareBytes: 0 };

describe("a file that is read in parts", () => {
  it("holds nothing once it is read", async () => {
    const { held, open } = createFile();
    let bytes = 0;
    for await (const chunk of await open()) bytes += chunk.length;
    expect(bytes).toBe(20 * MiB);
    expect(held).toEqual(nothing);
  });

  it("holds nothing when nobody reads on, or has begun to", async () => {
    const { held, open } = createFile();
    const reader = (await open()).getReader();
    await reader.read();
    await reader.cancel();
    await (await open()).cancel();
    await expect.poll(() => held).toEqual(nothing);
  });

  it("holds nothing when its first part is refused", async () => {
    const { held, open } = createFile(true);
    await expect(open()).rejects.toThrow("refused");
    await expect.poll(() => held).toEqual(nothing);
  });
});
