import type { Entry, ItemId, TreeView } from "./entry.ts";
import type { Link, PlanView } from "./plan.ts";

/** What is asked for once, as long as it stays as it is. */
export type Remembered<Source> = Source & {
  /** It is another one now. */
  readonly forget: () => void;
};

/** A tree that tells each item once: all that holds an item is asked for anew for each one. */
export function rememberTree(tree: TreeView): Remembered<TreeView> {
  const entries = new Map<ItemId, Entry | null>();
  return {
    get: (id) => once(entries, id, () => tree.get(id)),
    children: tree.children,
    named: tree.named,
    forget: () => entries.clear(),
  };
}

/** A view that tells each item and each link once. */
export function rememberView(view: PlanView): Remembered<PlanView> {
  const from = rememberTree(view.from.tree);
  const to = rememberTree(view.to.tree);
  const links = { from: new Map<ItemId, Link | null>(), to: new Map<ItemId, Link | null>() };
  return {
    ...view,
    from: { ...view.from, tree: from },
    to: { ...view.to, tree: to },
    linkOf: (side, item) => once(links[side], item, () => view.linkOf(side, item)),
    forget() {
      from.forget();
      to.forget();
      for (const each of Object.values(links)) each.clear();
    },
  };
}

function once<Key, Value>(known: Map<Key, Value>, key: Key, ask: () => Value): Value {
  const answer = known.get(key);
  if (answer !== undefined) return answer;
  const asked = ask();
  known.set(key, asked);
  return asked;
}
