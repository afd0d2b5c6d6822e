import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { Account } from "./account.ts";
import { sentence } from "./refusal.ts";
import { isFile, toEntry } from "./translate.ts";

/** `Provider.copy`. A copy is a file of its own, with an id and a revision of its own (Dropbox docs: /files/copy_v2). */
export function openCopy(account: Account): NonNullable<Provider["copy"]> {
  return async (id, to) => {
    const path = await account.pathFor(to);
    const call = { operation: "copy", item: `${account.named(id)} to ${JSON.stringify(path)}` };
    try {
      const { metadata } = await account.api.call(call, (client, options) =>
        client.filesCopyV2({ from_path: id, to_path: path, autorename: false }, options),
      );
      if (metadata[".tag"] === "deleted" || !isFile(metadata)) {
        const attempt = { account: account.name, ...call };
        throw new ProviderError("unexpected", sentence(attempt, `it became a ${metadata[".tag"]}`));
      }
      const copied = toEntry(metadata, to.parent);
      account.own.wrote(copied);
      return copied;
    } catch (error) {
      if (!isProviderError(error, "already-exists")) throw error;
      const existing = await account.lookAt(to);
      throw new ProviderError("already-exists", error.message, { existing, cause: error });
    }
  };
}
