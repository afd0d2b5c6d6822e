import { runProgram } from "./cli/program.ts";
import { tendMemory } from "./memory.ts";

tendMemory();

/** Node's own `fetch` and `https` follow HTTPS_PROXY, HTTP_PROXY and NO_PROXY only when told to. */
async function useProxy(): Promise<void> {
  const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
  if (!names.some((name) => process.env[name])) return;
  const { setGlobalProxyFromEnv } = await import("node:http");
  try {
    setGlobalProxyFromEnv();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // It quotes the address, which may hold a password.
    const reason = message.replace(/\/\/.*@/, "//...@");
    console.error(`syncline: HTTPS_PROXY or HTTP_PROXY is not the address of a proxy: ${reason}`);
    process.exit(2);
  }
}

// Whoever reads our output may stop at any line (`| head`): nothing is wrong then.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

/** Ends the program once all output is out, whatever requests it still has under way. */
async function end(exitCode: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
  process.exit(exitCode);
}

await useProxy();
await end(await runProgram(process.argv.slice(2)));
