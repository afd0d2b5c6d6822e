import { ConfigError } from "./failure.ts";

/** What Node's own `fetch` and `https` follow only when told to. */
const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/**
 * Has all requests of this process go by the proxy that the environment names, but those to the hosts of NO_PROXY.
 * Gives what ends that. `ConfigError` when the address is not that of a proxy.
 */
export async function useProxy(env: NodeJS.ProcessEnv): Promise<() => void> {
  if (!names.some((name) => env[name])) return () => {};
  const { setGlobalProxyFromEnv } = await import("node:http");
  try {
    return setGlobalProxyFromEnv(env);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // It quotes the address, which may hold a password.
    const reason = message.replace(/\/\/.*@/, "//...@");
    throw new ConfigError(`HTTPS_PROXY or HTTP_PROXY is not the address of a proxy: ${reason}`);
  }
}
