import { isProviderError } from "../core/error.ts";
import type { Clock, Provider } from "../core/provider.ts";
import { around, type Method } from "./around.ts";

/** One request as it ended. */
export interface RequestLine {
  readonly account: string;
  readonly method: Method;
  readonly tookMs: number;
  /** The failure's word, or null when it succeeded. */
  readonly failure: string | null;
  readonly message?: string;
}

/** Tells of every request as it ends; a read or write ends when the provider has answered. */
export function withLog(
  provider: Provider,
  account: string,
  clock: Clock,
  tell: (line: RequestLine) => void,
): Provider {
  return around(provider, async (method, run) => {
    const startedMs = clock.now();
    const line = () => ({ account, method, tookMs: clock.now() - startedMs });
    try {
      const result = await run();
      tell({ ...line(), failure: null });
      return result;
    } catch (error) {
      const failure = isProviderError(error) ? error.failure : "thrown";
      tell({ ...line(), failure, message: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  });
}
