import type { Change, ChangePage, Entry, ItemId, Place, TreeView } from "../../src/core/entry.ts";
import { foldName } from "../../src/core/names.ts";
import type { Provider, ProviderContext, Tokens } from "../../src/core/provider.ts";

/** The tree of one account in memory: what the engine keeps in its store, for tests of adapters. */
export interface Mirror extends TreeView {
  put(entry: Entry): void;
  /** Forgets the item and everything below it. */
  gone(id: ItemId): void;
  apply(page: Pick<ChangePage, "changes">): void;
  clear(): void;
}

/** An empty mirror. Entries may come before their parents. */
export function createMirror(): Mirror {
  const entries = new Map<ItemId, Entry>();
  const byParent = new Map<ItemId, Set<ItemId>>();

  const detach = (entry: Entry | undefined) => {
    if (entry?.parent) byParent.get(entry.parent)?.delete(entry.id);
  };
  const put = (entry: Entry) => {
    detach(entries.get(entry.id));
    entries.set(entry.id, entry);
    if (entry.parent === null) return;
    const siblings = byParent.get(entry.parent) ?? new Set();
    byParent.set(entry.parent, siblings.add(entry.id));
  };
  const gone = (id: ItemId) => {
    for (const child of [...(byParent.get(id) ?? [])]) gone(child);
    detach(entries.get(id));
    entries.delete(id);
    byParent.delete(id);
  };
  const children = (parent: ItemId) =>
    [...(byParent.get(parent) ?? [])].flatMap((id) => entries.get(id) ?? []);

  return {
    put,
    gone,
    apply: ({ changes }) => {
      for (const change of changes) applyChange(change, { put, gone });
    },
    clear: () => {
      entries.clear();
      byParent.clear();
    },
    get: (id) => entries.get(id) ?? null,
    children,
    named: (parent, name) =>
      children(parent).filter((entry) => foldName(entry.name) === foldName(name)),
  };
}

function applyChange(change: Change, mirror: Pick<Mirror, "put" | "gone">) {
  if (change.type === "put") mirror.put(change.entry);
  else mirror.gone(change.id);
}

/** The provider, with the result of every effect kept in the mirror, as the engine does. */
export function writeThrough(provider: Provider, mirror: Mirror): Provider {
  const keep = (entry: Entry) => {
    mirror.put(entry);
    return entry;
  };
  const { copy, fetchFrom } = provider;
  return {
    ...provider,
    write: async (...request) => keep(await provider.write(...request)),
    createFolder: async (...given) => keep(await provider.createFolder(...given)),
    ...(copy && {
      copy: (id: ItemId, to: Place) => copy(id, to).then((made) => made && keep(made)),
    }),
    ...(fetchFrom && {
      fetchFrom: async (...request: Parameters<typeof fetchFrom>) => {
        const made = await fetchFrom(...request);
        return made && keep(made);
      },
    }),
    move: async (...given) => keep(await provider.move(...given)),
    trash: async (id, options) => {
      await provider.trash(id, options);
      mirror.gone(id);
    },
    restore: async (...given) => {
      const entry = await provider.restore(...given);
      return entry.kind === "folder" ? entry : keep(entry);
    },
  };
}

/** What an adapter gets besides its settings: the mirror, real time, and tokens kept in memory. */
export function createContext(mirror: TreeView, account = "test"): ProviderContext {
  let tokens: Tokens | null = null;
  return {
    account,
    tree: mirror,
    tokens: {
      load: () => tokens,
      save: (newer) => {
        tokens = newer;
      },
    },
    clock: { now: Date.now, sleep, random: Math.random },
  };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
