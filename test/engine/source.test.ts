import { expect, it } from "vitest";
import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import { createMemoryCloud } from "../../providers/memory/cloud.ts";
import { createHasher } from "../../src/engine/hash.ts";
import { createSource } from "../../src/engine/source.ts";
import { MiB } from "../contract/bytes.ts";
import { virtualClock } from "./harness.ts";

const clock = virtualClock();

/** A cloud with one file of this size, and the bytes that the provider is asked for. */
function withFile(sizeBytes: number) {
  const cloud: MemoryCloud = createMemoryCloud({ clock, hashes: ["md5"] });
  const bytes = Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 2654435761) >>> 11);
  const entry = cloud.put("film.mp4", bytes);
  const offsets: number[] = [];
  const inner = cloud.open();
  const provider: typeof inner = {
    ...inner,
    read(id, options) {
      offsets.push(options?.offset ?? 0);
      return inner.read(id, options);
    },
  };
  const hasher = createHasher();
  hasher.update(bytes);
  return { bytes, entry, provider, offsets, hashes: hasher.digest() };
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it("goes on from what an earlier process has read, and knows the hashes of the whole", async () => {
  const { bytes, entry, provider, offsets, hashes } = withFile(21 * MiB);
  const first = createSource(provider, entry, { exportAs: null, clock });
  await readAll(await first.open());
  const begun = first.stateAt(13 * MiB);
  expect(begun?.positionBytes).toBe(12 * MiB);
  const second = createSource(provider, entry, { exportAs: null, clock, begun });
  const rest = await readAll(await second.open(13 * MiB));
  expect(rest.equals(bytes.subarray(13 * MiB))).toBe(true);
  expect(offsets).toEqual([0, 12 * MiB]);
  expect(second.content()?.hashes).toMatchObject({ md5: hashes.md5, quickXor: hashes.quickXor });
});

it("reads what nobody remembers again, so that its bytes are proven", async () => {
  const { bytes, entry, provider, offsets, hashes } = withFile(5 * MiB);
  const source = createSource(provider, entry, { exportAs: null, clock });
  const rest = await readAll(await source.open(3 * MiB));
  expect(rest.equals(bytes.subarray(3 * MiB))).toBe(true);
  expect(offsets).toEqual([0]);
  expect(source.content()?.hashes).toEqual(hashes);
});

it("begins anew when it is opened at the start, whatever was read before", async () => {
  const { bytes, entry, provider, hashes } = withFile(17 * MiB);
  const first = createSource(provider, entry, { exportAs: null, clock });
  await readAll(await first.open());
  const begun = first.stateAt(8 * MiB);
  const second = createSource(provider, entry, { exportAs: null, clock, begun });
  expect((await readAll(await second.open())).equals(bytes)).toBe(true);
  expect(second.content()?.hashes).toEqual(hashes);
});
