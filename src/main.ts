import { setFlagsFromString } from "node:v8";
import { runProgram } from "./cli/program.ts";

// Streams leave many short-lived buffers outside the heap, which are freed only when the young generation
// is collected: one that is not let grow is collected often, and cheaply. For a file of 1 GiB that was
// the difference between 190 and 130 MB at the peak, and a third of the processor time.
setFlagsFromString("--semi-space-growth-factor=1");
// So collected, much that is short-lived grows old first, and the old generation may grow far beyond what is
// needed in it before it is collected itself. Sooner costs a fifth more processor time while copying, and less memory:
// `test/e2e/idle.test.ts` says how much the first copies of twenty rules may take.
setFlagsFromString("--heap-growing-percent=40");

/** Node's own `fetch` and `https` follow HTTPS_PROXY, HTTP_PROXY and NO_PROXY only when told to. */
async function useProxy(): Promise<void> {
  const names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
  if (!names.some((name) => process.env[name])) return;
  const { setGlobalProxyFromEnv } = await import("node:http");
  try {
    setGlobalProxyFromEnv();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
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
