import { expect, it } from "vitest";
import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import { createMemoryCloud } from "../../providers/memory/cloud.ts";
import type { Revision } from "../../src/core/entry.ts";
import { ProviderError } from "../../src/core/error.ts";
import { createSpare } from "../../src/engine/budget.ts";
import { createSource } from "../../src/engine/source.ts";
import { createHasher } from "../../src/hash/hash.ts";
import { MiB } from "../contract/bytes.ts";
import { virtualClock } from "./harness.ts";

const clock = virtualClock();

/** A cloud with one file of this size, and the bytes that the provider is asked for. */
function withFile(sizeBytes: number, parallelReads = false) {
  const cloud: MemoryCloud = createMemoryCloud({ clock, hashes: ["md5"] });
  const words = new Uint32Array(sizeBytes / 4);
  for (let index = 0; index < words.length; index++) words[index] = Math.imul(index, 2654435761);
  const bytes = new Uint8Array(words.buffer);
  const entry = cloud.put("film.mp4", bytes);
  const offsets: number[] = [];
  const inner = cloud.open();
  let underWay = 0;
  let most = 0;
  const provider: typeof inner = {
    ...inner,
    traits: { ...inner.traits, parallelReads },
    async read(id, options) {
      offsets.push(options?.offset ?? 0);
      const stream = await inner.read(id, options);
      most = Math.max(most, ++underWay);
      return stream.pipeThrough(new TransformStream({ flush: () => void underWay-- }));
    },
  };
  const hasher = createHasher();
  hasher.update(bytes);
  return { bytes, entry, provider, offsets, hashes: hasher.digest(), most: () => most };
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

it.each([
  { who: "a writer of several lines", writer: { parallelWrites: true }, spareBytes: 80, width: 8 },
  { who: "a writer of one line", writer: { parallelWrites: false }, spareBytes: 80, width: 3 },
  { who: "little memory", writer: { parallelWrites: true }, spareBytes: 12, width: 4 },
])(
  "reads $width parts of a large file at once, as of $who, and gives the memory back",
  async ({ writer, spareBytes, width }) => {
    const { bytes, entry, provider, offsets, hashes, most } = withFile(41 * MiB, true);
    const spare = createSpare(spareBytes * MiB);
    const source = createSource(provider, entry, { exportAs: null, clock, spare, writer });
    expect((await readAll(await source.open())).equals(bytes)).toBe(true);
    expect(offsets).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40].map((at) => at * MiB));
    expect(most()).toBe(width);
    expect(source.content()?.hashes).toEqual(hashes);
    expect(spare.tryTake(spareBytes * MiB)).not.toBeNull();
  },
);

it("lets go of all parts when it is left", async () => {
  const { entry, provider } = withFile(41 * MiB, true);
  const spare = createSpare(12 * MiB);
  const source = createSource(provider, entry, { exportAs: null, clock, spare });
  const reader = (await source.open()).getReader();
  await reader.read();
  await reader.cancel();
  expect(spare.tryTake(12 * MiB)).not.toBeNull();
});

it("goes on behind a part that broke", async () => {
  const { bytes, entry, provider, offsets, hashes } = withFile(41 * MiB, true);
  let isBroken = false;
  const breaking: typeof provider = {
    ...provider,
    async read(id, options) {
      const stream = await provider.read(id, options);
      if (options?.offset !== 16 * MiB || isBroken) return stream;
      isBroken = true;
      return stream.pipeThrough(
        new TransformStream({
          flush: () => {
            throw new ProviderError("unavailable", "the line was cut");
          },
        }),
      );
    },
  };
  const spare = createSpare(12 * MiB);
  const source = createSource(breaking, entry, { exportAs: null, clock, spare });
  expect((await readAll(await source.open())).equals(bytes)).toBe(true);
  expect(offsets.filter((at) => at % (8 * MiB) === 0 && at < 24 * MiB)).toHaveLength(3);
  expect(source.content()?.hashes).toEqual(hashes);
  expect(spare.tryTake(12 * MiB)).not.toBeNull();
});

it.each([
  { now: "the same revision", isEdited: false, failure: "corrupt" },
  { now: "another revision", isEdited: true, failure: "changed" },
])("ends with $failure where other bytes come and there is $now", async ({ isEdited, failure }) => {
  const { entry, provider } = withFile(MiB);
  const revision = "another" as Revision;
  const asked: (boolean | undefined)[] = [];
  const damaging: typeof provider = {
    ...provider,
    stat: async () => (isEdited ? { ...entry, revision } : entry),
    async read(_, options) {
      asked.push(options?.callerProves);
      return new Blob([new Uint8Array(MiB)]).stream();
    },
  };
  const source = createSource(damaging, entry, { exportAs: null, clock });
  await expect(readAll(await source.open())).rejects.toMatchObject({ failure });
  expect(source.content()).toBeNull();
  expect(asked).toEqual([true]);
});

it("leaves the proof to a service that announced no hash", async () => {
  const { entry, provider } = withFile(MiB);
  const asked: (boolean | undefined)[] = [];
  const telling: typeof provider = {
    ...provider,
    read: (id, options) => {
      asked.push(options?.callerProves);
      return provider.read(id, options);
    },
  };
  const source = createSource(telling, { ...entry, hashes: {} }, { exportAs: null, clock });
  await readAll(await source.open());
  expect(asked).toEqual([false]);
});
