import picomatch from "picomatch";
import type { Entry } from "./entry.ts";
import { formatDuration, type Rule, type Where } from "./rule.ts";
import { deepest } from "./scope.ts";

/** Whether a file is in a rule's scope, and if not, which line of the rule says so. */
export type Verdict =
  | { readonly in: true }
  | {
      readonly in: false;
      /** For people: the filter line, such as `exclude "cache/**"` or `where smallerThan 2GiB`. */
      readonly because: string;
      /** `path`: the globs leave it out, wherever it comes from. `facts`: `where` does, by size or age, or its depth. */
      readonly by: "path" | "facts";
      /** When time alone will let the file in, milliseconds since 1970; absent when it won't. */
      readonly eligibleAtMs?: number;
    };

/**
 * - `in`: the folder itself belongs to the destination, empty or not.
 * - `out`: nothing below it is in scope.
 * - `through`: only files below it count; it comes into being where one of them needs it.
 */
export type FolderVerdict = "in" | "out" | "through";

/** Paths are names from the rule's `from` (left out) down to the item. */
export interface Matcher {
  file(path: readonly string[], facts: FileFacts, nowMs: number): Verdict;
  /** An empty path is the rule's `from` itself. */
  folder(path: readonly string[]): FolderVerdict;
}

type FileFacts = Pick<Entry, "sizeBytes" | "modifiedAt">;

/**
 * The filters of a rule, compiled once. Globs are picomatch's, with `*` matching dot files too, case
 * counting, and a glob without a slash meaning the top level only. An exclude that matches a folder
 * leaves out everything below it, and wins over every include. A size that isn't known (native items)
 * passes, a time that isn't known does not.
 */
export function createMatcher(rule: Pick<Rule, "include" | "exclude" | "where" | "as">): Matcher {
  const include = rule.include.map(compile);
  const exclude = rule.exclude.map(compile);
  const included = `include ${rule.include.map((glob) => `"${glob}"`).join(", ")}`;
  const bare = include.length === 0 && Object.keys(rule.where).length === 0 && rule.as === null;
  const excludedBy = createExclusion(exclude);

  return {
    file(path, facts, nowMs) {
      const excluded = excludedBy(path);
      if (excluded !== null) return { in: false, because: `exclude "${excluded}"`, by: "path" };
      if (path.length > deepest) return outByFacts(tooDeep);
      const text = globText(path);
      if (include.length > 0 && !include.some((glob) => glob.matches(text))) {
        return { in: false, because: `${included} does not match`, by: "path" };
      }
      return bySize(rule.where, facts) ?? byAge(rule.where, facts, nowMs) ?? { in: true };
    },
    folder(path) {
      if (excludedBy(path) !== null || path.length > deepest) return "out";
      return bare ? "in" : "through";
    },
  };
}

const tooDeep = `it lies more than ${deepest} levels deep`;

interface Glob {
  readonly text: string;
  matches(path: string): boolean;
}

function compile(text: string): Glob {
  const glob = text.normalize("NFC");
  const { source, flags } = picomatch.makeRe(asGlob(glob), { dot: true, nonegate: true });
  const pattern = new RegExp(inNoTime(source), flags);
  return { text, matches: (path) => path === glob || pattern.test(path) };
}

/**
 * What picomatch would hand on as a regular expression is text, as people expect of a `Report (1).pdf`, and can't be made to
 * take for ever: parentheses and `|`, but for those of `@(a|b)` and its like, and `+`.
 */
function asGlob(glob: string): string {
  const isOpen: boolean[] = [];
  let before = "";
  const parts = glob.match(/\\.|\[(?:\\.|[^\]])*\]|./gs) ?? [];
  return parts
    .map((part, at) => {
      const isGroup = part === "(" && /^[!?*+@]$/.test(before);
      before = part;
      if (part === "(") isOpen.push(isGroup);
      if (part === "(" && isGroup) return part;
      if (part === ")" && isOpen.pop()) return part;
      if (part === "|" && isOpen.includes(true)) return part;
      if (part === "+" && parts[at + 1] === "(") return part;
      return /^[()|+]$/.test(part) ? `\\${part}` : part;
    })
    .join("");
}

/** In picomatch's expressions: a `*`, what has one length, and another `*` in the same name. */
const stars = /(\[\^\/\]\*\?(?:\\\W|\[\^\/\](?!\*)|[^\\()[\]{}|*+?^$./])+)(?=\[\^\/\]\*\?)/g;

/**
 * Of `*a*b*c` each `*` but the last may stop at the first place where what follows it fits, since the next `*` takes up
 * the rest: said so, a name that does not fit costs no power of its length.
 */
function inNoTime(source: string): string {
  let groups = 0;
  return source.replace(stars, (_, part: string) => {
    groups += 1;
    return `(?=(?<s${groups}>${part}))\\k<s${groups}>`;
  });
}

/**
 * The first exclude that matches the item or a folder above it, or null. Remembers the last parent,
 * since siblings mostly come one after the other.
 */
function createExclusion(exclude: readonly Glob[]): (path: readonly string[]) => string | null {
  let last: { readonly parent: string; readonly by: string | null } = { parent: "", by: null };
  const at = (path: readonly string[]): string | null => {
    if (path.length === 0) return null;
    const parent = path.slice(0, -1);
    const key = globText(parent);
    if (key !== last.parent) last = { parent: key, by: at(parent) };
    if (last.by !== null) return last.by;
    const text = globText(path);
    return exclude.find((glob) => glob.matches(text))?.text ?? null;
  };
  return exclude.length === 0 ? () => null : at;
}

/** Some services allow `/` in names, and some keep names decomposed: neither may change what a glob sees. */
function globText(path: readonly string[]): string {
  return path
    .map((name) => name.replaceAll("/", "／"))
    .join("/")
    .normalize("NFC");
}

const outByFacts = (because: string) => ({ in: false, because, by: "facts" }) as const;

function bySize(where: Where, { sizeBytes }: FileFacts): Verdict | null {
  const { smallerThanBytes, largerThanBytes } = where;
  if (sizeBytes === null) return null;
  if (smallerThanBytes !== undefined && sizeBytes >= smallerThanBytes) {
    return outByFacts(`where smallerThan ${formatSize(smallerThanBytes)}`);
  }
  if (largerThanBytes !== undefined && sizeBytes <= largerThanBytes) {
    return outByFacts(`where largerThan ${formatSize(largerThanBytes)}`);
  }
  return null;
}

function byAge(where: Where, { modifiedAt }: FileFacts, nowMs: number): Verdict | null {
  const { newerThanMs, olderThanMs } = where;
  if (newerThanMs === undefined && olderThanMs === undefined) return null;
  if (modifiedAt === null) return outByFacts("where: the modified time is not known");
  const ageMs = nowMs - modifiedAt.getTime();
  if (newerThanMs !== undefined && ageMs >= newerThanMs) {
    return outByFacts(`where newerThan ${formatDuration(newerThanMs)}`);
  }
  if (olderThanMs !== undefined && ageMs < olderThanMs) {
    return {
      ...outByFacts(`where olderThan ${formatDuration(olderThanMs)}`),
      eligibleAtMs: modifiedAt.getTime() + olderThanMs,
    };
  }
  return null;
}

const sizes = {
  TiB: 2 ** 40,
  GiB: 2 ** 30,
  MiB: 2 ** 20,
  KiB: 2 ** 10,
  TB: 1e12,
  GB: 1e9,
  MB: 1e6,
  KB: 1e3,
};

/** `2GiB`: the first unit that needs no fraction. */
export function formatSize(bytes: number): string {
  const unit = Object.entries(sizes).find(([, size]) => bytes >= size && bytes % size === 0);
  return unit ? `${bytes / unit[1]}${unit[0]}` : `${bytes}B`;
}
