import { existsSync, readFileSync, statSync } from "node:fs";
import type { ParsedUnion } from "../config/union.ts";
import type { Clock } from "../core/provider.ts";
import type { Made } from "../store/made.ts";
import { readUnion } from "./config.ts";
import { ConfigError } from "./failure.ts";
import { madeThings } from "./made.ts";
import type { Shell } from "./shell.ts";

/** Where the configuration comes from while a program stays: it can be read again at any time. */
export interface Source {
  /** Both sources as they are now; never throws for what they hold. */
  read(): ParsedUnion;
  /**
   * What the files were like just before the last reading: the configuration file, and those that `$file:` names. A
   * text that is equal as long as nobody writes to one, by its path.
   */
  states(): ReadonlyMap<string, string>;
}

/** A file that was there once and is not any more is a mistake, not an empty configuration. */
export function createSource(shell: Shell, made: Made): Source {
  const { config: file } = shell;
  let states = new Map([[file, stateOf(file)]]);
  let wasThere = existsSync(file);

  function read(): ParsedUnion {
    const former = states;
    states = new Map([[file, stateOf(file)]]);
    if (wasThere && !existsSync(file)) throw new ConfigError(`${file} is not there any more`);
    const parsed = readUnion(shell, madeThings(made), (path) => {
      states.set(path, stateOf(path));
      return readFileSync(path, "utf8");
    });
    wasThere = existsSync(file);
    // Of a file that can't be parsed at all it is not known which others it names.
    if ("problems" in parsed) states = new Map([...former, ...states]);
    return parsed;
  }

  return {
    states: () => states,
    read() {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const { message } = error;
        const problem = { file, line: 1, column: 1, place: "configuration", message };
        return { problems: [problem], warnings: [] };
      }
    },
  };
}

export interface FollowFilesOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How often files are looked at. */
  readonly lookMs: number;
  readonly onChange: () => void;
}

/**
 * Tells, until it is read, of any file that is not as it was and has stayed so for one look: an editor may write it
 * in pieces. Looked at by path, so that one that was replaced, or whose link leads elsewhere now, is noticed on every
 * file system, those that tell of nothing too.
 */
export async function followFiles(
  read: () => ReadonlyMap<string, string>,
  { clock, signal, lookMs, onChange }: FollowFilesOptions,
): Promise<void> {
  for (let last = read(); ; ) {
    await clock.sleep(lookMs, signal);
    const seen = read();
    const now = new Map([...seen.keys()].map((path) => [path, stateOf(path)]));
    const isOther = (former: ReadonlyMap<string, string>) =>
      [...now].some(([path, state]) => former.get(path) !== state);
    if (isOther(seen) && !isOther(last)) onChange();
    last = now;
  }
}

function stateOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(" ");
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unknown";
  }
}
