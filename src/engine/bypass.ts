import type { By } from "../core/audit.ts";
import type { Entry } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import { type Action, otherSide, type Step } from "../core/plan.ts";
import type { Fetching, Provider, Target } from "../core/provider.ts";
import type { Hands } from "./effects.ts";

/** How a service makes a new file by itself, so that its bytes need not travel through us. */
export interface Bypass {
  /** `fetch`: of another account's; it may come to something after its answer was lost. */
  readonly type: "copy" | "fetch";
  /** The entry as the service made it; null: it makes none of this one, and the bytes go through us. */
  make(
    target: Target & { readonly type: "new" },
    fetching: Fetching,
    by: By,
  ): Promise<Entry | null>;
}

/** From here on two requests more are less than the bytes. */
const worthFetchingBytes = 4 * 1024 * 1024;

/** The way for a step's bytes that leads past us; null where there is none, or none whose result a hash would prove. */
export function bypassOf(
  { job, signal }: Hands,
  { side }: Step,
  action: Extract<Action, { type: "upload" | "update" }>,
  entry: Entry,
): Bypass | null {
  const [from, to] = [job[otherSide(side)], job[side]];
  const isProvable = to.provider.traits.hashes.some((name) => entry.hashes[name] !== undefined);
  const isNew = action.type === "upload" && action.exportAs === null && entry.kind === "file";
  if (!isNew || !isProvable) return null;
  if (from === to) {
    const { copy } = to.provider;
    if (!copy) return null;
    const make: Bypass["make"] = ({ at, id }, _, by) =>
      copy(entry.id, { ...at, ...(id && { id }) }, { by });
    return { type: "copy", make };
  }
  const { fetchFrom } = to.provider;
  const isWorthIt = (entry.sizeBytes ?? 0) >= worthFetchingBytes;
  // What the service fetches can't be kept to a rate.
  if (!fetchFrom || !from.provider.addressOf || !isWorthIt || job.rule.bandwidth.length > 0) {
    return null;
  }
  return {
    type: "fetch",
    make: ({ at }, fetching, by) =>
      fetchFrom(() => addressOf(from.provider, entry), at, { signal, fetching, by }),
  };
}

/** Null where none is to be had: reading then says why, or does without. */
async function addressOf(provider: Provider, { id, revision }: Entry): Promise<string | null> {
  if (!provider.addressOf || revision === null) return null;
  try {
    return await provider.addressOf(id, revision);
  } catch (error) {
    if (isProviderError(error) && !error.retryable) return null;
    throw error;
  }
}
