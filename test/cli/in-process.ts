import { Writable } from "node:stream";
import type { OutputStreams } from "../../src/cli/output.ts";
import { runProgram } from "../../src/cli/program.ts";
import { expectDocuments } from "./documents.ts";

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Carries out a command line in this process, without a terminal; `env` is all of its environment. */
export async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const [out, err] = [gather(), gather()];
  const code = await runProgram(args, { env, ...streams(out, err) });
  await expectDocuments(args, out.text());
  return { code, stdout: out.text(), stderr: err.text() };
}

/** What a program that has no terminal writes to. */
export const streams = (out: ReturnType<typeof gather>, err: ReturnType<typeof gather>) =>
  ({ stdout: out.stream, stderr: err.stream }) as unknown as OutputStreams;

/** A stream that keeps what is written to it. */
export function gather() {
  let said = "";
  const stream = new Writable({
    write(chunk, _, done) {
      said += String(chunk);
      done();
    },
  });
  return { stream, text: () => said };
}
