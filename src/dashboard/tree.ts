/** Files by their folders, as lines of a tree. */

export interface TreeItem {
  readonly path: string;
  readonly bytes: number;
}

/** A file, or a folder with what of it is among the items. */
export interface Branch {
  /** From the top, unique. */
  readonly key: string;
  readonly name: string;
  /** Items in it and below, itself included where it is one. */
  readonly items: number;
  readonly bytes: number;
  /** Folders first, then by name; empty: it is no folder. */
  readonly below: readonly Branch[];
}

/** A branch where it is shown. */
export interface Line {
  readonly branch: Branch;
  /** From one. */
  readonly level: number;
  /** Among its siblings, from one. */
  readonly position: number;
  readonly siblings: number;
  /** Null: it has nothing below. */
  readonly isOpen: boolean | null;
}

/** One tree a group; `name` stands at its top. */
export function treeOf(name: string, items: readonly TreeItem[]): Branch {
  const top: Growing = { name, items: 0, bytes: 0, below: new Map() };
  for (const { path, bytes } of items) {
    let at = top;
    add(at, bytes);
    for (const part of path.split("/").filter(Boolean)) {
      let next = at.below.get(part);
      if (!next) {
        next = { name: part, items: 0, bytes: 0, below: new Map() };
        at.below.set(part, next);
      }
      add(next, bytes);
      at = next;
    }
  }
  return grown(top, name);
}

interface Growing {
  readonly name: string;
  items: number;
  bytes: number;
  readonly below: Map<string, Growing>;
}

function add(at: Growing, bytes: number): void {
  at.items += 1;
  at.bytes += bytes;
}

const byName = new Intl.Collator("en", { numeric: true });

function grown({ name, items, bytes, below }: Growing, key: string): Branch {
  const all = [...below.values()].map((each) => grown(each, `${key}\n${each.name}`));
  all.sort(
    (a, b) =>
      Number(b.below.length > 0) - Number(a.below.length > 0) || byName.compare(a.name, b.name),
  );
  return { key, name, items, bytes, below: all };
}

/** All lines that are to be seen when these folders are open. */
export function linesOf(tops: readonly Branch[], open: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  const walk = (branches: readonly Branch[], level: number) => {
    for (const [at, branch] of branches.entries()) {
      const isOpen = branch.below.length === 0 ? null : open.has(branch.key);
      lines.push({ branch, level, position: at + 1, siblings: branches.length, isOpen });
      if (isOpen) walk(branch.below, level + 1);
    }
  };
  walk(tops, 1);
  return lines;
}

/** So many lines are opened from the start. */
const openedLines = 40;

/** The tops, and below them as much as a person sees at once. */
export function openAtFirst(tops: readonly Branch[]): ReadonlySet<string> {
  const open = new Set(tops.map(({ key }) => key));
  const waiting = [...tops];
  let lines = tops.length;
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    lines += next.below.length;
    if (lines > openedLines) break;
    open.add(next.key);
    waiting.push(...next.below.filter(({ below }) => below.length > 0));
  }
  return open;
}

/** What a key does at a line: another line, or its folder is opened or closed. Null: nothing. */
export type Press = { readonly to: number } | { readonly toggle: true } | null;

export function pressOf(
  key: string,
  lines: readonly Pick<Line, "level" | "isOpen">[],
  at: number,
): Press {
  const line = lines[at];
  if (!line) return null;
  switch (key) {
    case "ArrowRight":
      if (line.isOpen === null) return null;
      if (!line.isOpen) return { toggle: true };
      return (lines[at + 1]?.level ?? 0) > line.level ? { to: at + 1 } : null;
    case "ArrowLeft": {
      if (line.isOpen) return { toggle: true };
      const above = lines.slice(0, at).findLastIndex(({ level }) => level < line.level);
      return above === -1 ? null : { to: above };
    }
    case "Enter":
    case " ":
      return line.isOpen === null ? null : { toggle: true };
    default:
      return null;
  }
}
