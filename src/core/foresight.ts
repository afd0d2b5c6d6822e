import { createDestination } from "./destination.ts";
import type { Entry } from "./entry.ts";
import { alias, type NameRules, nameKey } from "./names.ts";
import { exportOf } from "./native.ts";
import type { Rule } from "./rule.ts";

/** What of a rule's items can't come to a side as it is, seen before anything is planned. */

/** How many there are, and a few of them in words. */
export interface Sample {
  readonly count: number;
  readonly some: readonly string[];
}

export interface Foreseen {
  /** Names that the side can't hold, with those that stand in for them. */
  readonly renamed: Sample;
  /** Items whose name another one of their folder has by then, so that they get a number. */
  readonly twins: Sample;
  /** Files that are larger than the side takes. */
  readonly large: Sample;
}

/** Looks at the items that are to come to one side. */
export interface Foresight {
  /**
   * `path` is counted from the rule's folder; `folder` stands for the folder that holds the item, the same object for
   * all in it.
   */
  see(path: readonly string[], item: Entry, folder: object): void;
  readonly found: Foreseen;
}

const few = 5;
/** Of a template's paths no more are kept to find out who shares one. */
const mostPaths = 100_000;

export interface Tally extends Sample {
  add(text: string): void;
}

/** Counts, and remembers a few. */
export function createTally(): Tally {
  const some: string[] = [];
  let count = 0;
  return {
    some,
    get count() {
      return count;
    },
    add(text) {
      count += 1;
      if (some.length < few) some.push(text);
    },
  };
}

export function createForesight(
  rule: Pick<Rule, "as" | "googleDocs">,
  names: NameRules,
  maxFileBytes: number | null,
): Foresight {
  const destination = rule.as === null ? null : createDestination(rule.as);
  const found = { renamed: createTally(), twins: createTally(), large: createTally() };
  const namesIn = new WeakMap<object, Map<string, string>>();
  const paths = new Map<string, string>();

  /** Where it is to be; by its name alone where the folder is the same. */
  function wanted(path: readonly string[], item: Entry): readonly string[] {
    const name = path.at(-1) ?? "";
    const exportAs = item.kind === "native" ? exportOf(item, rule) : null;
    const named = exportAs === null ? name : `${name}.${exportAs}`;
    if (!destination) return [named];
    const at = destination({ ...item, path: [...path.slice(0, -1), named] });
    return "path" in at ? at.path : [];
  }

  function seeTwin(legal: readonly string[], path: string, folder: object): void {
    if (names.duplicates && !destination) return;
    const known = destination ? paths : (namesIn.get(folder) ?? new Map<string, string>());
    if (!destination) namesIn.set(folder, known);
    const key = legal.map((name) => nameKey(name, names)).join("/");
    const first = known.get(key);
    if (first !== undefined) found.twins.add(`${first} and ${path}`);
    else if (known.size < mostPaths) known.set(key, path);
  }

  return {
    found,
    see(path, item, folder) {
      if (destination && item.kind === "folder") return;
      const text = path.join("/");
      const will = wanted(path, item);
      if (will.length === 0) return;
      const legal = will.map((name) => alias(name, names));
      if (legal.some((name, depth) => name !== will[depth])) {
        found.renamed.add(`${text} → ${legal.join("/")}`);
      }
      seeTwin(legal, text, folder);
      if (maxFileBytes !== null && (item.sizeBytes ?? 0) > maxFileBytes) found.large.add(text);
    },
  };
}
