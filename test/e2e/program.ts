import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clouds } from "./clouds.ts";

const main = join(import.meta.dirname, "../../dist/main.js");

/** Writes the rule file that `startProgram` uses. */
export function writeRules({ folder }: Clouds, yaml: string): void {
  writeFileSync(join(folder, "syncline.yaml"), yaml);
}

/** The built program, as a person or a service manager starts it. */
export function startProgram({ folder, env }: Clouds, ...args: string[]): ChildProcess {
  const place = ["--config", join(folder, "syncline.yaml"), "--data", join(folder, "data")];
  return spawn(process.execPath, [main, ...args, ...place, "--json"], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Waits for its end; `output` is all that it said. */
export async function ended(
  child: ChildProcess,
): Promise<{ readonly code: number | null; readonly output: string }> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data) => {
      output += data;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output };
}

/** How often a test kills the program: in each build, or with `npm run kills` many times. */
export const killsOf = ({ usual, many }: { readonly usual: number; readonly many: number }) =>
  process.env.SYNCLINE_KILLS === "many" ? many : usual;
