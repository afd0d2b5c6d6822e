import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { RealPeople } from "./real-people.ts";

/** Somebody at work in `folder`; what they throw away goes to `bin`, on the same disk. */
export function localPeople(folder: string, bin: string): RealPeople {
  const bins = new Map<string, string>();
  const at = (path: string) => join(folder, path);
  const write = (path: string, content: string | Uint8Array, time: Date) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
    utimesSync(at(path), time, time);
  };
  const move = (from: string, to: string) => {
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  };
  const tree = (path = "", found: Record<string, string | null> = {}) => {
    for (const item of readdirSync(join(folder, path), { withFileTypes: true })) {
      const name = path + item.name;
      if (!item.isDirectory()) found[name] = readFileSync(join(folder, name), "utf8");
      else {
        found[`${name}/`] = null;
        tree(`${name}/`, found);
      }
    }
    return found;
  };
  mkdirSync(folder, { recursive: true });
  return {
    put: write,
    another: refused("two files of one name"),
    document: refused("documents"),
    touch: (path, time) => utimesSync(at(path), time, time),
    mkdir: (path) => void mkdirSync(at(path), { recursive: true }),
    move: (path, to) => move(at(path), at(to)),
    trash(path) {
      const place = join(bin, String(bins.size), "item");
      bins.set(path, place);
      move(at(path), place);
    },
    restore(path) {
      const place = bins.get(path);
      if (!place) throw new Error(`${path} was never trashed`);
      move(place, at(path));
    },
    resetCursors() {},
    fail() {},
    tree: () => tree(),
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function refused(what: string): () => never {
  return () => {
    throw new Error(`a folder on this machine has no ${what}`);
  };
}
