import { createOutput, type Output, type OutputStreams } from "./output.ts";

/** What every command is given: where things are, and where to write. */
export interface Shell {
  /** The configuration file, as the user named it. */
  readonly config: string;
  /** Folder of the state and the key. */
  readonly data: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: Output;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface GlobalFlags {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** What is around a command: that of a process by default. */
export interface Around extends OutputStreams {
  readonly env: Shell["env"];
}

/** Flags go before the environment, and that before the defaults. */
export function createShell(flags: GlobalFlags, { env, stdout, stderr }: Around): Shell {
  return {
    config: flags.config ?? (env.SYNCLINE_CONFIG || "syncline.yaml"),
    data: flags.data ?? (env.SYNCLINE_DATA || "./data"),
    env,
    output: createOutput(flags.json ?? false, { stdout, stderr }),
    now: Date.now,
  };
}
