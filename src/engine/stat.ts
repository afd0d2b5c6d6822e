import type { Entry, ItemId } from "../core/entry.ts";
import { isProviderError } from "../core/error.ts";
import type { Provider } from "../core/provider.ts";

/** The item as the service knows it now; null when it is gone or in the trash. */
export async function statOrNull(provider: Provider, id: ItemId): Promise<Entry | null> {
  try {
    return await provider.stat(id);
  } catch (error) {
    if (isProviderError(error, "not-found")) return null;
    throw error;
  }
}
