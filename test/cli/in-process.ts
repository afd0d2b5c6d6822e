import { Writable } from "node:stream";
import { runProgram } from "../../src/cli/program.ts";
import type { Around } from "../../src/cli/shell.ts";
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
  const around = { env, stdout: out.stream, stderr: err.stream } as unknown as Around;
  const code = await runProgram(args, around);
  await expectDocuments(args, out.text());
  return { code, stdout: out.text(), stderr: err.text() };
}

function gather() {
  let said = "";
  const stream = new Writable({
    write(chunk, _, done) {
      said += String(chunk);
      done();
    },
  });
  return { stream, text: () => said };
}
