import type { Entry, ItemId, Place } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { Account } from "./account.ts";
import { sentence } from "./refusal.ts";
import { isFile, toEntry } from "./translate.ts";

/**
 * `Provider.move`. Dropbox does not rename an item to a name that it takes for the same one ("we do not
 * currently support case-only renaming", Dropbox docs: /files/move_v2), be it by refusing or by leaving
 * the name: such a rename goes through a name of its own.
 */
export function openMove(account: Account): Provider["move"] {
  return async (id, to) => {
    const path = await account.pathFor(to);
    const name = to.name.normalize("NFC");
    let moved = await moveOnto(account, id, to, path);
    if (moved.name !== name) {
      const aside = `.syncline-rename-${account.clock.random().toString(36).slice(2)}`;
      const parentPath = path.slice(0, path.lastIndexOf("/"));
      await request(account, id, `${parentPath}/${aside}`, to.parent);
      moved = await request(account, id, path, to.parent);
    }
    account.own.wrote(moved);
    return moved;
  };
}

/** The item after one request; it may still have another name of the same meaning. */
async function moveOnto(account: Account, id: ItemId, to: Place, path: string): Promise<Entry> {
  try {
    return await request(account, id, path, to.parent);
  } catch (error) {
    if (!isProviderError(error, "already-exists")) throw error;
    const existing = await account.lookAt(to);
    if (existing?.id === id) return existing;
    throw new ProviderError("already-exists", error.message, { existing, cause: error });
  }
}

async function request(account: Account, id: ItemId, path: string, parent: ItemId): Promise<Entry> {
  const item = `${account.named(id)} to ${JSON.stringify(path)}`;
  const { metadata } = await account.api.call({ operation: "move", item }, (client, options) =>
    client.filesMoveV2({ from_path: id, to_path: path, autorename: false }, options),
  );
  if (metadata[".tag"] === "deleted") {
    const attempt = { account: account.name, operation: "move", item };
    throw new ProviderError("not-found", sentence(attempt, "gone"));
  }
  if (!isFile(metadata)) account.places.forget();
  return toEntry(metadata, parent);
}
