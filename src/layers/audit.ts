import type { AuditDeed, AuditEnd, AuditResult, AuditWriter, By } from "../core/audit.ts";
import {
  type Entry,
  type Hashes,
  type ItemId,
  namesOf,
  type Place,
  type TreeView,
} from "../core/entry.ts";
import { type Failure, isProviderError } from "../core/error.ts";
import type { Provider, Target } from "../core/provider.ts";

/** What of an end is more than its result. */
type Facts = Omit<AuditEnd, "result">;

export interface Audited {
  readonly account: string;
  readonly tree: TreeView;
  readonly writer: AuditWriter;
}

/**
 * Writes a row of the audit log for every call that is to change something at the service, each attempt for itself: it
 * lies right above the adapter, so that what waits for its turn, or is refused by a layer, has none.
 *
 * One call asks for one change of one item, however the adapter has it done: of files that share a request each has its
 * row, and an upload in many requests has one. Where an adapter asks once more by itself (`onRepeat`) that has a row of
 * its own; what it looks at, and how it follows up on what it began (the rest of a session, the time that goes with the
 * bytes), has none. A call that it turns down by itself after a look has a row, too. Nothing goes out before its row
 * is noted.
 */
export function withAudit(provider: Provider, { account, tree, writer }: Audited): Provider {
  async function audited<T>(
    about: Omit<AuditDeed, "actor" | "account">,
    by: By = {},
    call: (onRepeat: (error: unknown) => void) => Promise<T>,
    ended: (value: T) => Facts | null,
    known: Facts = {},
  ): Promise<T> {
    const { actor = { kind: "engine" }, ...cause } = by;
    const begin = () => writer.begin({ ...about, ...cause, actor, account });
    let end = await begin();
    let repeating = Promise.resolve();
    const onRepeat = (error: unknown) => {
      repeating = repeating.then(async () => {
        end({ ...known, ...endOf(error) });
        end = await begin();
      });
      // Told below.
      repeating.catch(() => undefined);
    };
    try {
      const value = await call(onRepeat).finally(() => repeating);
      const told = ended(value);
      end(
        told ? { ...known, ...told, result: "ok" } : { ...known, result: "refused", why: unable },
      );
      return value;
    } catch (error) {
      end({ ...known, ...endOf(error) });
      throw error;
    }
  }

  const pathAt = ({ parent, name }: Place) => pathOf(tree, parent, name);
  const standing = (id: ItemId) => {
    const entry = tree.get(id);
    return {
      item: id,
      parent: entry?.parent ?? null,
      path: entry && pathOf(tree, entry.parent, entry.name),
      before: entry?.revision ?? null,
    };
  };
  const aimedAt = (target: Target) =>
    target.type === "new"
      ? { ...placed(target.at), item: target.id ?? null }
      : { ...standing(target.id), before: target.revision };
  const placed = (at: Place) => ({ parent: at.parent, path: pathAt(at) });

  const { copy, fetchFrom, abandon, subscribe, renew, unsubscribe } = provider;
  return {
    ...provider,
    write(target, source, options) {
      const known = { bytes: source.sizeBytes, content: contentOf(source.hashes) };
      const action = target.type === "new" ? "upload" : "update";
      const call = (onRepeat: (error: unknown) => void) =>
        provider.write(target, source, { ...options, onRepeat });
      return audited({ action, ...aimedAt(target) }, options?.by, call, factsOf, known);
    },
    createFolder(...given) {
      const [at, options] = given;
      const about = { action: "create-folder", ...placed(at), item: at.id ?? null };
      return audited(about, options?.by, () => provider.createFolder(...given), factsOf);
    },
    move(...given) {
      const [id, to, options] = given;
      const about = { action: "move", ...standing(id), ...placed(to) };
      return audited(about, options?.by, () => provider.move(...given), stateOf);
    },
    trash(...given) {
      const [id, options] = given;
      const { revision } = options ?? {};
      const before = revision === undefined ? {} : { before: revision };
      const call = () => provider.trash(...given);
      return audited(
        { action: "trash", ...standing(id), ...before },
        options?.by,
        call,
        () => ({}),
      );
    },
    restore(...given) {
      const [{ id, at, revision }, options] = given;
      const about = { action: "restore", ...placed(at), item: id, before: revision };
      return audited(about, options?.by, () => provider.restore(...given), stateOf);
    },
    ...(copy && {
      copy(...given) {
        const [, to, options] = given;
        const about = { action: "copy", ...placed(to), item: to.id ?? null };
        return audited(about, options?.by, () => copy(...given), factsOf);
      },
    }),
    ...(fetchFrom && {
      fetchFrom(...given) {
        const [, at, options] = given;
        const about = { action: "fetch", ...placed(at) };
        return audited(about, options?.by, () => fetchFrom(...given), factsOf);
      },
    }),
    ...(abandon && {
      abandon(...given) {
        const [target, operation, , options] = given;
        const about = { action: "abandon-upload", ...aimedAt(target), operation };
        return audited(
          about,
          options?.by,
          () => abandon(...given),
          () => ({}),
        );
      },
    }),
    ...(subscribe && {
      subscribe: (request) =>
        audited({ action: "subscribe" }, {}, () => subscribe(request), itemOf),
    }),
    ...(renew && {
      renew: (former) =>
        audited({ action: "renew-subscription", item: former.id }, {}, () => renew(former), itemOf),
    }),
    ...(unsubscribe && {
      unsubscribe: (former) =>
        audited(
          { action: "unsubscribe", item: former.id },
          {},
          () => unsubscribe(former),
          () => ({}),
        ),
    }),
  };
}

const unable = "the service makes none of this one";

/** Of what was moved without its bytes. */
const stateOf = ({ id, revision }: Entry): Facts => ({ item: id, after: revision });

const itemOf = ({ id }: { readonly id: string }) => ({ item: id });

/** The first of the hashes, in the order of `hashNames`. */
function contentOf(hashes: Hashes): string | null {
  const [name] = namesOf(hashes);
  return name === undefined ? null : `${name}:${hashes[name]}`;
}

function factsOf(entry: Entry | null): Facts | null {
  if (!entry) return null;
  const { id, revision, sizeBytes, hashes } = entry;
  const content = contentOf(hashes);
  return {
    item: id,
    after: revision,
    ...(sizeBytes !== null && { bytes: sizeBytes }),
    ...(content !== null && { content }),
  };
}

/** Failures that are the service's own plain no. */
const refusals: ReadonlySet<Failure> = new Set([
  "not-found",
  "already-exists",
  "changed",
  "unauthorized",
  "forbidden",
  "rate-limited",
  "out-of-space",
  "too-large",
  "name-refused",
]);

function endOf(error: unknown): AuditEnd {
  const why = error instanceof Error ? error.message : String(error);
  return { result: resultOf(error), why };
}

function resultOf(error: unknown): AuditResult {
  if (!isProviderError(error)) return "lost";
  if (refusals.has(error.failure)) return "refused";
  return error.failure === "unavailable" ? "lost" : "failed";
}

/** Deeper than that nobody reads, and each folder is looked up. */
const mostFolders = 64;

/** From the root; what is above a folder that is not known is left open. */
function pathOf(tree: TreeView, parent: ItemId | null, name: string): string {
  const names = [name];
  let at = parent;
  for (let depth = 0; at !== null; depth++) {
    const folder = depth < mostFolders ? tree.get(at) : null;
    if (!folder) return ["…", ...names].join("/");
    if (folder.parent !== null) names.unshift(folder.name);
    at = folder.parent;
  }
  return `/${names.join("/")}`;
}
