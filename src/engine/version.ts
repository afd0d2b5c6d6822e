import type { Entry } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import type { Side } from "../core/plan.ts";
import type { Rule } from "../core/rule.ts";
import type { Store } from "../store/open.ts";
import type { EngineAccount, EngineContext } from "./context.ts";
import { destinationsOf, endOf } from "./place.ts";
import { ReviewError } from "./review.ts";
import { createSource } from "./source.ts";

/** What one version of a conflict holds, for a person who is to decide. */

/** A version that is where the conflict found it, and is the one that a decision counts for. */
export interface FoundVersion {
  readonly conflict: string;
  readonly rule: string;
  readonly account: string;
  readonly entry: Entry;
}

/** `ReviewError` when there is no such conflict of these rules, or that version is not there any more. */
export function findVersion(
  store: Store,
  rules: readonly Rule[],
  id: string,
  side: Side,
): FoundVersion {
  const conflict = store.conflicts.byId(id);
  const row = rules
    .flatMap((rule) => destinationsOf(rule, store))
    .find((each) => each.id === conflict?.destination);
  if (!conflict || !row) throw new ReviewError(`there is no open conflict "${id}"`);
  const [item, revision] =
    side === "from"
      ? [conflict.fromId, conflict.fromRevision]
      : [conflict.toId, conflict.toRevision];
  const { account } = endOf(row, side);
  const entry = store.trees.of(account).get(item);
  // That a decision would be refused for is not shown either.
  if (!entry || entry.revision !== revision) throw movedOn(conflict.path, id, row.rule);
  const { name } = store.accounts.get(account);
  return { conflict: id, rule: row.rule, account: name, entry };
}

/**
 * The bytes of exactly that version, proven against the service's hashes; the stream errors where they are others,
 * and never gives more than `entry.sizeBytes`. `ReviewError` when the service has another version by now; other
 * failures are the provider's.
 */
export async function readVersion(
  { conflict, rule, entry }: FoundVersion,
  { provider }: EngineAccount,
  { clock }: Pick<EngineContext, "clock">,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const source = createSource(provider, entry, { exportAs: null, clock, signal });
  try {
    return (await source.open()).pipeThrough(atMost(entry.sizeBytes ?? 0, entry.name));
  } catch (error) {
    if (!isProviderError(error, "changed", "not-found")) throw error;
    throw movedOn(entry.name, conflict, rule);
  }
}

function movedOn(name: string, id: string, rule: string): ReviewError {
  return new ReviewError(
    `"${name}" has changed since conflict ${id} was found: the next run of rule "${rule}" looks at it again`,
  );
}

function atMost(sizeBytes: number, name: string): TransformStream<Uint8Array, Uint8Array> {
  let left = sizeBytes;
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.length;
      if (left < 0) throw new ProviderError("corrupt", `"${name}" is longer than was announced`);
      controller.enqueue(chunk);
    },
  });
}
