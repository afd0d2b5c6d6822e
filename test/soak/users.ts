import { seededRandom } from "../clouds/kit/random.ts";
import type { People } from "../scenarios/people.ts";

/** What a person does over and over with files of their own, in a folder that others work in, too. */
export interface User {
  /** One thing: a new file, an edit, a rename, a move into another folder, a removal. */
  act(): void;
  /** Versions of files that they wrote so far. */
  readonly versions: number;
  /** What they have now, by path below the rule's folder. */
  readonly files: ReadonlyMap<string, string>;
}

const folders = ["", "reports/", "photos/2026/", "notes/"] as const;
/** Beyond it, somebody who tidies up: what a soak holds must not grow without end. */
const mostFiles = 400;

/**
 * @param name tells their files from those of others, as no two people of a soak work at one file
 * @param seed decides what they do, in which order
 */
export function createUser(people: People, name: string, seed: number): User {
  const random = seededRandom(seed);
  const files = new Map<string, string>();
  let versions = 0;
  let made = 0;

  const oneOf = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
  const newPath = () => `${oneOf(folders) ?? ""}${name}-${++made}.txt`;
  const newText = () => {
    versions += 1;
    return `${name}, version ${versions}. ${"words ".repeat(Math.floor(random() * 2_000))}`;
  };

  function write(path: string): void {
    const text = newText();
    people.put(`/${path}`, text, new Date());
    files.set(path, text);
  }

  function move(path: string): void {
    const to = newPath();
    people.move(`/${path}`, `/${to}`);
    files.set(to, files.get(path) ?? "");
    files.delete(path);
  }

  function remove(path: string): void {
    people.trash(`/${path}`);
    files.delete(path);
  }

  return {
    files,
    get versions() {
      return versions;
    },
    act() {
      const known = oneOf([...files.keys()]);
      const kind = random();
      if (known === undefined || (kind < 0.4 && files.size < mostFiles)) return write(newPath());
      if (kind < 0.65) return write(known);
      if (kind < 0.85) return move(known);
      remove(known);
    },
  };
}
