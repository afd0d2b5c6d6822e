import type { By } from "../core/audit.ts";
import type { Entry } from "../core/entry.ts";
import type { Provider } from "../core/provider.ts";

/**
 * A new file of ours that is not what was sent goes to the trash. `changed` when somebody has saved it since: it is
 * theirs then, and stays.
 */
export function takeBack(provider: Provider, { id, revision }: Entry, by: By): Promise<void> {
  return provider.trash(id, { ...(revision !== null && { revision }), by });
}
