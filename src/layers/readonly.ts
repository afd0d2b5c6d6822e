import { ProviderError } from "../core/error.ts";
import type { Provider } from "../core/provider.ts";

const changing = ["abandon", "copy", "fetchFrom", "subscribe", "renew", "unsubscribe"] as const;

/** A provider that changes nothing: every request that would is refused with `forbidden`. */
export function withReadonly(provider: Provider, account: string): Provider {
  const refuse = async (): Promise<never> => {
    throw new ProviderError("forbidden", `${account} is opened for reading only`);
  };
  const readonly = { ...provider };
  for (const ability of changing) delete readonly[ability];
  const refused = { write: refuse, createFolder: refuse, move: refuse, trash: refuse };
  return { ...readonly, ...refused, restore: refuse };
}
