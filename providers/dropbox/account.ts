import type { Entry, ItemId, Place } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Clock, ProviderContext, Spare } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import type { OwnWrites } from "./own.ts";
import type { Places } from "./places.ts";
import { sentence } from "./refusal.ts";
import { lostWith } from "./sight.ts";
import { type Described, nameObjection, rootEntry, rootId, toEntry } from "./translate.ts";

/** One signed-in account: what the operations of the provider share. */
export interface Account {
  readonly name: string;
  readonly api: Api;
  readonly places: Places;
  readonly own: OwnWrites;
  readonly clock: Clock;
  readonly spare: Spare;
  /** The item as it is now. `not-found`, `forbidden` where it went out of sight with a shared folder. */
  stat(id: ItemId, signal?: AbortSignal): Promise<Entry>;
  /** What Dropbox says of an id or a path; null when nothing is there. */
  describe(path: string, signal?: AbortSignal): Promise<Described | null>;
  /** What is at the place; null when nothing is. */
  lookAt(at: Place, signal?: AbortSignal): Promise<Entry | null>;
  /** The path for an item to be. `not-found` for the parent, `name-refused`. */
  pathFor(at: Place, signal?: AbortSignal): Promise<string>;
  /** An item's name and id, for messages. */
  named(id: ItemId): string;
  /** A name to be, for messages. */
  quoted(at: Place): string;
}

const none: Spare = { tryTake: () => null };

/** Brings the parts together. */
export function openAccount(
  parts: { readonly api: Api; readonly places: Places; readonly own: OwnWrites },
  context: ProviderContext,
): Account {
  const { account: name, clock, tree, spare = none } = context;
  const { api, places } = parts;

  const describe = async (path: string, signal?: AbortSignal) => {
    const call = { operation: "look at", item: path, signal };
    try {
      const found = await api.call(call, (client, options) =>
        client.filesGetMetadata({ path }, options),
      );
      return found[".tag"] === "deleted" ? null : found;
    } catch (error) {
      if (isProviderError(error, "not-found")) return null;
      throw error;
    }
  };
  const named = (id: ItemId) => {
    const known = tree.get(id)?.name;
    return known === undefined ? id : `${JSON.stringify(known)} (${id})`;
  };
  const pathFor = async (at: Place, signal?: AbortSignal) => {
    const objection = nameObjection(at.name);
    if (objection !== null) {
      const attempt = { account: name, operation: "name an item", item: JSON.stringify(at.name) };
      throw new ProviderError("name-refused", sentence(attempt, objection));
    }
    return `${await places.pathOf(at.parent, signal)}/${at.name.normalize("NFC")}`;
  };
  return {
    ...parts,
    name,
    clock,
    spare,
    describe,
    pathFor,
    named,
    quoted: (at) => JSON.stringify(at.name),
    async stat(id, signal) {
      if (id === rootId) return rootEntry;
      // Anything else would be taken for a path.
      const found = id.startsWith("id:") ? await describe(id, signal) : null;
      if (found !== null) return toEntry(found, await places.parentOf(found, signal));
      const attempt = { account: name, operation: "look at", item: named(id) };
      if ((await lostWith(id, tree, (each) => describe(each, signal))) !== null) {
        const words = "it lies in a shared folder that this account can't see any more";
        throw new ProviderError("forbidden", sentence(attempt, words));
      }
      throw new ProviderError("not-found", sentence(attempt, "not there"));
    },
    async lookAt(at, signal) {
      const found = await describe(await pathFor(at, signal), signal);
      return found === null ? null : toEntry(found, at.parent);
    },
  };
}
