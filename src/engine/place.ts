import type { ItemId } from "../core/entry.ts";
import type { Side } from "../core/plan.ts";
import { formatLocation, type Location, type Rule } from "../core/rule.ts";
import { pathBelow } from "../core/scope.ts";
import type { DestinationRow } from "../store/destinations.ts";
import type { Store } from "../store/open.ts";

/** Where the items of a rule are, in words for people; from the state alone. */

/** The destinations of a rule that were ever opened, without those that it no longer names. */
export function destinationsOf(rule: Rule, store: Store): DestinationRow[] {
  const locations = rule.to.map(formatLocation);
  return store.destinations
    .ofRule(rule.name)
    .filter(({ location }) => locations.includes(location));
}

/** The account of one side of a destination, and the rule's folder there, as the last run found it. */
export function endOf(row: DestinationRow, side: Side): { account: number; root: ItemId | null } {
  return side === "from"
    ? { account: row.fromAccount, root: row.fromRoot }
    : { account: row.toAccount, root: row.toRoot };
}

/** Names from the rule's folder down to the item; null when it is gone or was taken out. */
export function pathOf(
  row: DestinationRow,
  side: Side,
  id: ItemId,
  store: Store,
): readonly string[] | null {
  const { account, root } = endOf(row, side);
  return root && pathBelow(store.trees.of(account), root, id);
}

/** An item of a rule's folder as `account:/path`; null when it is gone or was taken out. */
export function placeOf(
  rule: Rule,
  row: DestinationRow,
  side: Side,
  id: ItemId,
  store: Store,
): string | null {
  const folder = folderOf(rule, row, side);
  const { account, root } = endOf(row, side);
  // A folder that the last run has made is known from the next one on.
  const top = root ?? store.accounts.get(account).root;
  const path = top && pathBelow(store.trees.of(account), top, id);
  const above = root ? folder.path : [];
  return path && formatLocation({ ...folder, path: [...above, ...path] });
}

function folderOf(rule: Rule, row: DestinationRow, side: Side): Location {
  if (side === "from") return rule.from;
  const location = rule.to.find((each) => formatLocation(each) === row.location);
  if (!location) throw new Error(`rule "${rule.name}" no longer has ${row.location}`);
  return location;
}
