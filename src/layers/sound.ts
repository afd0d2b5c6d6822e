import { type Change, type ChangePage, type Entry, hashNames } from "../core/entry.ts";
import { isProviderError, ProviderError } from "../core/error.ts";
import { hide } from "../core/hidden.ts";
import type { Provider } from "../core/provider.ts";
import { around, type Method } from "./around.ts";

/**
 * Lets through what can be right, and no secret in words of a service that repeats what it was told. An answer of a
 * service that its adapter stumbles over, or makes an impossible item of, is told as `unexpected`: nothing is
 * known of the effect, and no tree or link learns of it.
 */
export function withSound(
  provider: Provider,
  account: string,
  secrets: () => readonly string[] = () => [],
): Provider {
  return around(provider, async (method, run) => {
    const refused = (why: string, cause?: unknown) =>
      new ProviderError("unexpected", `${account}: ${method}: the answer makes no sense: ${why}`, {
        cause,
      });
    const result = await run().catch((error: unknown) => {
      if (stumbles.some((kind) => error instanceof kind)) throw refused(wordsOf(error), error);
      throw withoutSecrets(error, secrets());
    });
    for (const entry of entriesOf(method, result)) {
      const flaw = flawOf(entry);
      if (flaw !== null) throw refused(flaw);
    }
    return method === "changes" ? quiet(result, secrets) : result;
  });
}

/** The error without what its message may not show; other errors than those of providers as they are. */
export function withoutSecrets(error: unknown, secrets: readonly string[]): unknown {
  if (!isProviderError(error)) return error;
  const message = hide(error.message, secrets);
  // The cause has the same words.
  return message === error.message
    ? error
    : new ProviderError(error.failure, message, { ...error, cause: undefined });
}

/** Reasons of a page are messages of errors, too. */
function quiet<T>(step: T, secrets: () => readonly string[]): T {
  for (const page of valuesOf<ChangePage>(step)) {
    if (!page.unreadable) continue;
    const unreadable = page.unreadable.map(({ id, reason }) => ({
      id,
      reason: hide(reason, secrets()),
    }));
    return { ...step, value: { ...page, unreadable } };
  }
  return step;
}

/** What reading a value as something that it is not ends in. */
const stumbles = [TypeError, RangeError, SyntaxError];

/** What a parser says quotes the answer, which may hold a token. */
const wordsOf = (error: unknown) =>
  error instanceof SyntaxError ? "it is no JSON" : String(error);

function entriesOf(method: Method, result: unknown): readonly Entry[] {
  switch (method) {
    case "root":
    case "stat":
    case "write":
    case "createFolder":
    case "move":
    case "restore":
      return [result as Entry];
    case "copy":
    case "fetchFrom":
      return result === null ? [] : [result as Entry];
    case "named":
      return result as readonly Entry[];
    case "list":
      return valuesOf<Entry>(result);
    case "changes":
      return valuesOf<ChangePage>(result).flatMap(({ changes }) => changes.flatMap(entryOf));
    default:
      return [];
  }
}

/** Of a step of something that yields; none at its end. */
function valuesOf<T>(step: unknown): T[] {
  const { done, value } = step as IteratorResult<T, undefined>;
  return done ? [] : [value];
}

const entryOf = (change: Change): readonly Entry[] => (change.type === "put" ? [change.entry] : []);

const kinds: readonly unknown[] = ["file", "folder", "native"];

/** What of an item can't be, in words for people; null: nothing. */
function flawOf(entry: Entry): string | null {
  const { id, parent, name, kind, sizeBytes, revision, hashes } = entry;
  if (typeof id !== "string" || id === "") return "an item without an id";
  const of = `item ${JSON.stringify(id)}`;
  if (parent !== null && typeof parent !== "string") return `${of} has a parent that is no id`;
  if (parent === id) return `${of} lies in itself`;
  if (typeof name !== "string" || (name === "" && parent !== null)) return `${of} has no name`;
  if (!kinds.includes(kind)) return `${of} is neither file nor folder`;
  const isSize = sizeBytes !== null && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0;
  if (!isSize && (sizeBytes !== null || kind === "file")) return `${of} has no size that can be`;
  const isRevision = typeof revision === "string" && revision !== "";
  if (!isRevision && (revision !== null || kind === "file")) return `${of} has no revision`;
  for (const each of hashNames) {
    const hash = hashes[each];
    if (hash !== undefined && typeof hash !== "string")
      return `${of} has a ${each} that is no text`;
  }
  for (const at of [entry.modifiedAt, entry.createdAt]) {
    if (at !== null && !(at instanceof Date && Number.isFinite(at.getTime()))) {
      return `${of} has a time that never was`;
    }
  }
  return null;
}
