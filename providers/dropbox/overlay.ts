import type { Change, Entry, ItemId, TreeView } from "../../src/core/entry.ts";
import { foldName } from "../../src/core/names.ts";

/** A tree with changes on top of it; the tree below is only read. */
export interface Overlay extends TreeView {
  put(entry: Entry): void;
  /** Removes the item and all that is below it at this moment. */
  remove(id: ItemId): void;
  /** Whether `put` was called for the item after `mark`, a number from `now`. */
  wasPutSince(id: ItemId, mark: number): boolean;
  now(): number;
  /**
   * What leads from the tree below to this one, each item once: first all that is there, parents first,
   * then what is gone. So an item that left a folder is out of it before the folder goes.
   */
  changes(): Change[];
  /** One item of which the tree below says something else; null when there is none. */
  difference(): { readonly id: ItemId; readonly entry: Entry | null } | null;
}

/** An overlay that says what `base` says. */
export function createOverlay(base: TreeView): Overlay {
  /** Every item that was touched; null: removed. */
  const touched = new Map<ItemId, Entry | null>();
  const putAt = new Map<ItemId, number>();
  const placed = new Map<ItemId, Set<ItemId>>();
  const placedByName = new Map<string, Set<ItemId>>();
  let steps = 0;

  const get = (id: ItemId) => {
    const entry = touched.get(id);
    return entry === undefined ? base.get(id) : entry;
  };
  const untouched = (entries: Iterable<Entry>) => [...entries].filter(({ id }) => !touched.has(id));
  const entriesOf = (ids: Iterable<ItemId> = []) => [...ids].flatMap((id) => get(id) ?? []);
  const children = (parent: ItemId) => [
    ...untouched(base.children(parent)),
    ...entriesOf(placed.get(parent)),
  ];
  const displace = (id: ItemId) => {
    const entry = touched.get(id);
    if (entry?.parent == null) return;
    placed.get(entry.parent)?.delete(id);
    placedByName.get(nameKey(entry.parent, entry.name))?.delete(id);
  };
  const remove = (id: ItemId) => {
    for (const child of children(id)) remove(child.id);
    displace(id);
    touched.set(id, null);
  };
  return {
    get,
    children,
    named: (parent, name) => [
      ...untouched(base.named(parent, name)),
      ...entriesOf(placedByName.get(nameKey(parent, name))),
    ],
    put(entry) {
      displace(entry.id);
      touched.set(entry.id, entry);
      putAt.set(entry.id, ++steps);
      if (entry.parent === null) return;
      addTo(placed, entry.parent, entry.id);
      addTo(placedByName, nameKey(entry.parent, entry.name), entry.id);
    },
    remove,
    wasPutSince: (id, mark) => (putAt.get(id) ?? 0) > mark,
    now: () => steps,
    changes: () => differences(touched, base),
    difference() {
      for (const [id, entry] of touched) if (!isSame(base.get(id), entry)) return { id, entry };
      return null;
    },
  };
}

function nameKey(parent: ItemId, name: string): string {
  return `${parent}/${foldName(name)}`;
}

function addTo<Key>(index: Map<Key, Set<ItemId>>, key: Key, id: ItemId): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, new Set([id]));
  else ids.add(id);
}

function differences(touched: ReadonlyMap<ItemId, Entry | null>, base: TreeView): Change[] {
  const puts = new Map<ItemId, Change>();
  const put = (entry: Entry) => {
    if (puts.has(entry.id)) return;
    const parent = entry.parent === null ? null : touched.get(entry.parent);
    if (parent) put(parent);
    puts.set(entry.id, { type: "put", entry });
  };
  const gone: Change[] = [];
  for (const [id, entry] of touched) {
    if (entry !== null) put(entry);
    else if (isFarewell(id, touched, base)) gone.push({ type: "gone", id });
  }
  return [...puts.values(), ...gone];
}

/** What was unknown needs no farewell, and a folder takes along what is in it. */
function isFarewell(
  id: ItemId,
  touched: ReadonlyMap<ItemId, Entry | null>,
  base: TreeView,
): boolean {
  const was = base.get(id);
  if (was === null) return false;
  return was.parent === null || touched.get(was.parent) !== null;
}

/** Whether both say the same of where an item is and what it holds. */
export function isSame(a: Entry | null, b: Entry | null): boolean {
  if (a === null || b === null) return a === b;
  return a.parent === b.parent && a.name === b.name && a.revision === b.revision;
}
