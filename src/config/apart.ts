import { createMatcher } from "../core/match.ts";
import type { Rule, Where } from "../core/rule.ts";

/**
 * Whether the filters of two rules show that no file of a folder passes both: by the beginnings or endings
 * of what they include, because one excludes what the other includes, or by size or age. False means that
 * nothing is known. `sameFolder` says that both filters count from one folder: else paths tell nothing.
 * Native items, whose size is not known, pass every limit of size.
 */
export function areApart(a: Rule, b: Rule, sameFolder: boolean): boolean {
  if (haveApartLimits(a.where, b.where) || haveApartLimits(b.where, a.where)) return true;
  const [ofA, ofB] = [a, b].map(({ include }) => include.flatMap(expand));
  if (!ofA || !ofB) return false;
  if (ofA.length > 0 && ofB.length > 0) {
    const differ = (one: string, two: string) =>
      differAtEnd(one, two) || (sameFolder && differAtStart(one, two));
    if (ofA.every((one) => ofB.every((two) => differ(one, two)))) return true;
  }
  return sameFolder && (excludesAll(a, ofB) || excludesAll(b, ofA));
}

function haveApartLimits(small: Where, large: Where): boolean {
  const { smallerThanBytes = Number.POSITIVE_INFINITY, newerThanMs = Number.POSITIVE_INFINITY } =
    small;
  const { largerThanBytes = -1, olderThanMs = -1 } = large;
  return smallerThanBytes <= largerThanBytes + 1 || newerThanMs <= olderThanMs;
}

/** `*.{jpg,png}` as `*.jpg` and `*.png`. */
function expand(glob: string): string[] {
  const [, head, body, tail] = /^([^\\]*?)\{([^{}\\]*,[^{}\\]*)\}([^\\]*)$/s.exec(glob) ?? [];
  if (head === undefined || body === undefined || tail === undefined) {
    return [glob.normalize("NFC")];
  }
  return body.split(",").flatMap((each) => expand(head + each + tail));
}

const special = "*?[\\]{}()!+@|\\\\";

/** Both end in plain text, and no name ends in both. */
function differAtEnd(a: string, b: string): boolean {
  const [one, two] = [a, b].map((glob) => new RegExp(`[^${special}/]*$`).exec(glob)?.[0] ?? "");
  return one !== undefined && two !== undefined && !one.endsWith(two) && !two.endsWith(one);
}

/** Both begin with plain text, and no path begins with both. */
function differAtStart(a: string, b: string): boolean {
  const [one, two] = [a, b].map((glob) => new RegExp(`^[^${special}]*`).exec(glob)?.[0] ?? "");
  return one !== undefined && two !== undefined && !one.startsWith(two) && !two.startsWith(one);
}

/** Whether the rule excludes each of the globs, word for word or with the folder that it begins with. */
function excludesAll(rule: Rule, globs: readonly string[]): boolean {
  const excluded = new Set(rule.exclude.flatMap(expand));
  const matcher = createMatcher(rule);
  return (
    globs.length > 0 &&
    globs.every((glob) => {
      const plain = new RegExp(`^(?:[^${special}/]+/)*`).exec(glob)?.[0] ?? "";
      const folder = plain.split("/").filter(Boolean);
      return excluded.has(glob) || (folder.length > 0 && matcher.folder(folder) === "out");
    })
  );
}
