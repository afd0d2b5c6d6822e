import type { Item } from "./sample-cloud.ts";

/** What happened to one item between two looks at a cloud. */
export type Change =
  | { readonly type: "added"; readonly item: Item }
  | { readonly type: "edited"; readonly item: Item }
  /** Renamed or moved; `from` is the path that it had. */
  | { readonly type: "moved"; readonly item: Item; readonly from: string }
  | { readonly type: "removed"; readonly item: Item };

/** What leads from one look to the next; of a whole folder that was moved or removed only the folder itself. */
export function changesBetween(before: readonly Item[], after: readonly Item[]): Change[] {
  const old = new Map(before.map((item) => [item.id, item]));
  const current = new Set(after.map(({ id }) => id));
  const removed = before.filter(
    ({ id, parent }) => !current.has(id) && (parent === null || current.has(parent)),
  );
  return [
    ...removed.map((item): Change => ({ type: "removed", item })),
    ...after.flatMap((item) => changesOf(old.get(item.id), item)),
  ];
}

function changesOf(before: Item | undefined, item: Item): Change[] {
  if (!before) return [{ type: "added", item }];
  const changes: Change[] = [];
  if (before.name !== item.name || before.parent !== item.parent) {
    changes.push({ type: "moved", item, from: before.path });
  }
  if (before.contentHash !== item.contentHash) changes.push({ type: "edited", item });
  return changes;
}
