import type { Db } from "./open.ts";
import { prepared } from "./prepared.ts";

/** How far behind rules are, by when this machine saw each change. */
export interface Freshness {
  /** When that one of a destination's due changes was seen that waits the longest; null: none does. */
  oldestWaiting(destination: number, nowMs: number): Date | null;
  /**
   * Milliseconds from when a file's change was seen to when its copy was there and verified; `limit` of a
   * rule's newest ones. Of a file that changed again since, nothing is known.
   */
  copyTimes(rule: string, since: Date, limit: number): number[];
}

export function createFreshness({ $client }: Db): Freshness {
  const statements = prepared({
    oldest: () =>
      $client
        .prepare<{ destination: number; now: number }, number | null>(`
      select min(items.changed_at) from dirty
      join destinations on destinations.id = dirty.destination
      join items on items.id = dirty.item and items.account =
        case dirty.side when 'from' then destinations.from_account else destinations.to_account end
      where dirty.destination = :destination and (dirty.due_at is null or dirty.due_at <= :now)`)
        .pluck(),
    times: () =>
      $client
        .prepare<{ rule: string; since: number; limit: number }, number>(`
      select steps.at - items.changed_at from steps
      join runs on runs.id = steps.run
      join destinations on destinations.id = runs.destination
      join items on items.id = steps.from_item and items.account =
        case steps.item_side when 'from' then destinations.from_account else destinations.to_account end
      where steps.rule = :rule and steps.do in ('upload', 'update') and steps.error is null
        and steps.at >= :since and steps.id >= (select min(+id) from steps where at >= :since) and items.changed_at <= steps.at
      order by steps.id desc limit :limit`)
        .pluck(),
  });
  return {
    oldestWaiting(destination, nowMs) {
      const at = statements.oldest.get({ destination, now: nowMs });
      return typeof at === "number" ? new Date(at) : null;
    },
    copyTimes: (rule, since, limit) =>
      statements.times.all({ rule, since: since.getTime(), limit }),
  };
}
