import { createMemoryCloud, type MemoryCloud } from "../../providers/memory/cloud.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { Clock } from "../../src/core/provider.ts";
import { factsOf, type MemoryKind } from "./kinds.ts";
import type { People } from "./people.ts";
import { add } from "./tree.ts";

/** An empty cloud in memory with the ways of a service. */
export function createCloud(kind: MemoryKind, clock: Clock): MemoryCloud {
  const { names: rules, hashes, reserveIds } = factsOf[kind];
  return createMemoryCloud({ clock, rules, hashes, reserveIds });
}

/** People at work in a cloud in memory. */
export function memoryPeople(cloud: MemoryCloud): People {
  const trashed = new Map<string, ItemId>();
  const text = (path: string) => new TextDecoder().decode(cloud.read(path));
  return {
    put: (path, content, at) => void cloud.put(path, content, at),
    another: (path, content) => void cloud.putAnother(path, content),
    document: (path, at) => {
      const words = `words of ${at.toISOString()}`;
      cloud.document(path, "document", { docx: words, pdf: words });
    },
    touch: (path, at) => void cloud.put(path, text(path), at),
    mkdir: (path) => void cloud.mkdir(path),
    move: (path, to) => void cloud.move(path, to),
    trash: (path) => {
      const entry = cloud.look(path);
      if (!entry) throw new Error(`there is no ${path} to trash`);
      trashed.set(path, entry.id);
      cloud.trash(path);
    },
    restore: (path) => {
      const id = trashed.get(path);
      if (!id) throw new Error(`${path} was never trashed`);
      cloud.restore(id);
    },
    resetCursors: cloud.resetCursors,
    fail: ({ call, how }) => {
      cloud.fail({ method: call, how: how === "refused" ? "unavailable" : "lost-answer" });
    },
    tree: () => {
      const tree: Record<string, string | null> = {};
      for (const { path, entry } of cloud.entries()) {
        const isFile = entry.kind === "file";
        const name = path.slice(1) + (entry.kind === "folder" ? "/" : "");
        add(tree, name, isFile ? text(entry.id) : null);
      }
      return tree;
    },
  };
}
