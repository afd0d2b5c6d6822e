import { runProgram } from "./cli/program.ts";
import { useProxy } from "./cli/proxy.ts";
import { tendMemory } from "./memory.ts";

tendMemory();

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

try {
  await useProxy(process.env);
} catch (error) {
  console.error(`syncline: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(2);
}
await end(await runProgram(process.argv.slice(2)));
