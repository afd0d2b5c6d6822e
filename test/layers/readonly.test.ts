import { describe, expect, it } from "vitest";
import { createMemoryCloud, openMemory } from "../../providers/memory/cloud.ts";
import type { Provider } from "../../src/core/provider.ts";
import { withReadonly } from "../../src/layers/readonly.ts";
import { readText, text } from "../contract/bytes.ts";
import { gather, rejection } from "../contract/harness.ts";

function bench() {
  const cloud = createMemoryCloud({ clock: Date });
  const file = cloud.put("/a.txt", "hello");
  return { cloud, file, provider: withReadonly(openMemory(cloud), "work") };
}

type Bench = ReturnType<typeof bench>;
const changes: [string, (bench: Bench) => Promise<unknown>][] = [
  ["write a new file", ({ provider, cloud }) => provider.write(newFile(cloud.root), text("b"))],
  ["replace", ({ provider, file }) => provider.write(replacing(file), text("b"))],
  ["createFolder", ({ provider, cloud }) => provider.createFolder(newFile(cloud.root).at)],
  ["move", ({ provider, cloud, file }) => provider.move(file.id, newFile(cloud.root).at)],
  ["trash", ({ provider, file }) => provider.trash(file.id)],
  ["restore", ({ provider, file }) => provider.restore(trashed(file))],
];

const newFile = (parent: Bench["cloud"]["root"]) =>
  ({ type: "new", at: { parent, name: "b" } }) as const;

function replacing({ id, revision }: Bench["file"]) {
  if (revision === null) throw new Error("a file has a revision");
  return { type: "replace", id, revision } as const;
}

function trashed({ id, kind, revision }: Bench["file"]) {
  return { id, kind, revision, at: newFile(id).at };
}

describe("a provider for reading only", () => {
  it.each(changes)("refuses to %s before anything is sent", async (_, request) => {
    const opened = bench();
    const before = opened.cloud.entries();
    expect(await rejection(request(opened))).toMatchObject({
      failure: "forbidden",
      retryable: false,
      message: "work is opened for reading only",
    });
    expect(opened.cloud.entries()).toEqual(before);
    const { write, createFolder, move, trash, restore } = opened.cloud.calls;
    expect(write + createFolder + move + trash + restore).toBe(0);
  });

  it("reads as ever", async () => {
    const { cloud, file, provider } = bench();
    expect(await readText(await provider.read(file.id))).toBe("hello");
    expect(await provider.stat(file.id)).toEqual(file);
    expect(await gather(provider.list(cloud.root))).toEqual([file]);
    expect(await gather(provider.changes(null))).not.toEqual([]);
  });

  it("removes nothing that a killed write left behind", () => {
    const abandon: NonNullable<Provider["abandon"]> = async () => {};
    const bare = { ...openMemory(createMemoryCloud({ clock: Date })), abandon };
    expect("abandon" in withReadonly(bare, "work")).toBe(false);
  });
});
