import type { ItemId } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Account } from "./account.ts";
import { sentence } from "./refusal.ts";
import { rootId } from "./translate.ts";

/** `Provider.trash`. */
export async function trash(
  account: Account,
  id: ItemId,
  revision: string | undefined,
): Promise<void> {
  const call = { operation: "trash", item: account.named(id) };
  if (id === rootId) {
    const attempt = { account: account.name, operation: call.operation, item: call.item };
    throw new ProviderError("forbidden", sentence(attempt, "the root folder stays"));
  }
  try {
    const { metadata } = await account.api.call(call, (client, options) =>
      client.filesDeleteV2({ path: id, ...(revision && { parent_rev: revision }) }, options),
    );
    if (metadata[".tag"] !== "file") account.places.forget();
  } catch (error) {
    if (isProviderError(error, "already-exists")) throw await asChanged(account, id, error);
    if (!isProviderError(error, "not-found")) throw error;
  }
  account.own.trashed(id);
}

/** Dropbox tells a `parent_rev` that is not current as a conflict. */
async function asChanged(
  account: Account,
  id: ItemId,
  error: ProviderError,
): Promise<ProviderError> {
  const existing = await account.stat(id);
  return new ProviderError("changed", error.message, { existing, cause: error });
}
