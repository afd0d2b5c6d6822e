import { type ItemRef, refKey } from "../../src/core/plan.ts";

/** What is to be looked at, as the engine keeps it. */
export interface Marks {
  mark(ref: ItemRef): void;
  clear(ref: ItemRef): void;
  /** How often it was marked since it was last cleared. */
  countOf(ref: ItemRef): number;
  all(): ItemRef[];
  clearAll(): void;
}

export function createMarks(): Marks {
  const marked = new Map<string, { readonly ref: ItemRef; count: number }>();
  return {
    mark(ref) {
      const key = refKey(ref);
      const known = marked.get(key);
      if (known) known.count++;
      else marked.set(key, { ref, count: 1 });
    },
    clear: (ref) => void marked.delete(refKey(ref)),
    countOf: (ref) => marked.get(refKey(ref))?.count ?? 0,
    all: () => [...marked.values()].map(({ ref }) => ref),
    clearAll: () => marked.clear(),
  };
}
