/** Names: which ones a service can hold, which it takes for equal, and what stands in for the others. */

/** What a service does with names; pure data, so that any two services can be compared. */
export interface NameRules {
  /** Whether `a` and `A` can live side by side. */
  readonly caseSensitive: boolean;
  /** `distinct`: NFC and NFD forms of a name are two names. `nfc`: both are one, stored as NFC. */
  readonly unicode: "distinct" | "nfc";
  /** Whether one folder can hold two items of one name. */
  readonly duplicates: boolean;
  readonly maxLength: { readonly unit: "bytes" | "utf16"; readonly limit: number } | null;
  /** Single characters that no name may hold. */
  readonly forbidden: readonly string[];
  /** Whether names may begin or end with a blank; `.` and `..` are refused where `forbidden` has `/`. */
  readonly blankEdges: { readonly leading: boolean; readonly trailing: boolean };
  /** Lower-case names, or patterns with one `*`, or one at each end, that the service refuses or ignores. */
  readonly reserved: readonly string[];
}

/** One form for all names that some service could take for equal: NFC, lower case. Not for display. */
export function foldName(name: string): string {
  return name.normalize("NFC").toLowerCase().normalize("NFC");
}

/** Whether a folder under these rules would take the two names for one. */
export function sameName(a: string, b: string, rules: NameRules): boolean {
  return nameKey(a, rules) === nameKey(b, rules);
}

/** Equal exactly for names that a folder under these rules takes for one. */
export function nameKey(name: string, rules: NameRules): string {
  if (!rules.caseSensitive) return foldName(name);
  return rules.unicode === "nfc" ? name.normalize("NFC") : name;
}

/** Why no item can be stored under this name, for people; null when it can be. */
export function canHold(name: string, rules: NameRules): string | null {
  if (name === "") return "is empty";
  if (!name.isWellFormed()) return "holds half a character";
  if (rules.unicode === "nfc" && name !== name.normalize("NFC")) return "is decomposed Unicode";
  const character = rules.forbidden.find((each) => name.includes(each));
  if (character !== undefined) return `holds ${JSON.stringify(character)}`;
  if (isDots(name, rules)) return "is a path, not a name";
  if (!rules.blankEdges.leading && name.startsWith(" ")) return "begins with a blank";
  if (!rules.blankEdges.trailing && name.endsWith(" ")) return "ends with a blank";
  const folded = foldName(name);
  const reserved = rules.reserved.find((pattern) => isReserved(folded, pattern));
  if (reserved !== undefined) return `is reserved (${reserved})`;
  return isTooLong(name, rules) ? "is too long" : null;
}

/**
 * The nearest name that the rules can hold; the name itself when they can. Forbidden characters become
 * look-alikes, reserved names get a `_`, and what is cut from a long name is stood for by a hash of it,
 * so that two long names stay two. A pure function of its arguments, and `alias(alias(x))` is `alias(x)`.
 * Two names may still have one alias (see `numbered`).
 */
export function alias(name: string, rules: NameRules): string {
  if (canHold(name, rules) === null) return name;
  const clean = shorten(legible(name, rules), "", name, rules);
  const stem = stemOf(clean);
  const extension = extensionOf(clean);
  const candidates = [
    () => clean,
    () => shorten(`${stem}_${extension}`, `_${extension}`, name, rules),
    () => shorten(`${clean}_`, "_", name, rules),
    () => shorten(`_${clean}`, extension, name, rules),
  ];
  for (const candidate of candidates) {
    const text = candidate();
    if (canHold(text, rules) === null) return text;
  }
  return shorten(`_${clean}_`, "_", name, rules);
}

/** `report.pdf` with 2 becomes `report (2).pdf`, cut where needed, and such that the rules can hold it. */
export function numbered(name: string, n: number, rules: NameRules): string {
  return withSuffix(name, ` (${n})`, rules);
}

/** A name where these rules hold. */
export interface Named {
  readonly name: string;
  readonly rules: NameRules;
}

/**
 * Whether one item may have these names at two sides: one of them as the other, as its alias, or as one of several
 * of that name, which a kept name may make one of several again.
 */
export const isOneName = (a: Named, b: Named): boolean => standsFor(a, b) || standsFor(b, a);

function standsFor({ name, rules }: Named, wanted: Named): boolean {
  const legal = alias(wanted.name, rules);
  const isIt = (text: string) => sameName(name, text, rules) || sameName(name, text, wanted.rules);
  if (isIt(legal)) return true;
  const stem = stemOf(name);
  const number = / \((\d+)\)$/.exec(stem);
  if (!number) return false;
  // A long name was cut to make room for its number.
  if (isIt(numbered(legal, Number(number[1]), rules))) return true;
  return standsFor({ name: stem.slice(0, number.index) + extensionOf(name), rules }, wanted);
}

export interface ConflictFacts {
  /** Whose version it is: an account's name. */
  readonly label: string;
  readonly at: Date;
  /** Hash of the content, hex: the name is a function of it, so a repeated attempt finds its own copy. */
  readonly hash: string;
}

/** What an earlier conflict put into a name, before its extension. */
const earlier =
  / \(conflict, (?:(?! \(conflict, ).)+, \d{4}-\d\d-\d\d \d\d-\d\d-\d\d, [\da-f]{1,6}\)(?: \(\d+\))?$/;

/**
 * `report (conflict, drive, 2026-11-22 08-53-10, 1a2b3c).pdf`, in UTC, cut where needed, and such that the
 * rules can hold it. A name that tells of an earlier conflict tells of this one instead.
 */
export function conflictName(name: string, facts: ConflictFacts, rules: NameRules): string {
  const [day, time = ""] = facts.at.toISOString().split("T");
  const seconds = time.slice(0, 8).replaceAll(":", "-");
  const suffix = ` (conflict, ${facts.label}, ${day} ${seconds}, ${facts.hash.slice(0, 6)})`;
  return withSuffix(stemOf(name).replace(earlier, "") + extensionOf(name), suffix, rules);
}

const extension = /(?:\.tar)?\.[^\s.]{1,16}$/iu;
const archives = /^\.tar\.(?:gz|bz2|xz|zst|lz|lz4|lzma|br|z)$/i;

/**
 * The last extension with its dot, or both of `.tar.gz` and its like; empty where there is none: dot files,
 * names that end with a dot, and what is too long (over 16 characters) or holds blanks.
 */
export function extensionOf(name: string): string {
  const found = extension.exec(name)?.[0] ?? "";
  const last = found.slice(found.lastIndexOf("."));
  const whole = archives.test(found) ? found : last;
  return [whole, last].find((each) => /[^.]/.test(name.slice(0, name.length - each.length))) ?? "";
}

/** The name without `extensionOf`; never empty but for an empty name. */
export function stemOf(name: string): string {
  return name.slice(0, name.length - extensionOf(name).length);
}

function isDots(name: string, rules: NameRules): boolean {
  return (name === "." || name === "..") && rules.forbidden.includes("/");
}

function isReserved(folded: string, pattern: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return folded === pattern;
  if (isAnywhere(pattern)) return folded.includes(pattern.slice(1, -1));
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return (
    folded.length >= head.length + tail.length && folded.startsWith(head) && folded.endsWith(tail)
  );
}

/** The name without what no name may hold; its length and reserved names are left to the caller. */
function legible(name: string, rules: NameRules): string {
  const wellFormed = name.toWellFormed();
  const composed = rules.unicode === "nfc" ? wellFormed.normalize("NFC") : wellFormed;
  const characters = [...composed].map((each) =>
    rules.forbidden.includes(each) ? lookAlike(each) : each,
  );
  const text = characters.join("") || "_";
  if (isDots(text, rules)) return "．".repeat(text.length);
  const begun = rules.blankEdges.leading ? text : text.replace(/^ /, "␠");
  const ended = rules.blankEdges.trailing ? begun : begun.replace(/ $/, "␠");
  const whole = rules.reserved.includes("*.") ? ended.replace(/\.$/, "．") : ended;
  return rules.reserved.filter(isAnywhere).reduce(without, whole);
}

/** Whether the pattern, `*x*`, is about names that hold a text anywhere. */
function isAnywhere(pattern: string): boolean {
  return pattern.length > 2 && pattern.startsWith("*") && pattern.endsWith("*");
}

/** The last character of what may not be there gives way to a look-alike, wherever it stands. */
function without(text: string, pattern: string): string {
  const part = pattern.slice(1, -1).replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return text.replace(new RegExp(part, "giu"), (found) => {
    return found.slice(0, -1) + lookAlike(found.slice(-1));
  });
}

/** Full-width forms for what can be seen, control pictures for what can't. */
function lookAlike(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0x20) return String.fromCodePoint(0x2400 + code);
  if (code < 0x7f) return String.fromCodePoint(0xfee0 + code);
  return code === 0x7f ? "␡" : "_";
}

function withSuffix(name: string, suffix: string, rules: NameRules): string {
  const tail = suffix + extensionOf(name);
  const room = limitOf(rules) - lengthOf(tail, rules);
  return alias(cut(stemOf(name), room, rules) + tail, rules);
}

/** `name`, or where it is too long its beginning, `~`, a hash of `original`, and its end `tail`. */
function shorten(name: string, tail: string, original: string, rules: NameRules): string {
  if (!isTooLong(name, rules)) return name;
  const end = `~${hash(original)}${tail || extensionOf(name)}`;
  return cut(name, limitOf(rules) - lengthOf(end, rules), rules) + end;
}

/** As many whole characters from the beginning as there is room for. */
function cut(text: string, room: number, rules: NameRules): string {
  if (lengthOf(text, rules) <= room) return text;
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += lengthOf(character, rules);
    if (used > room) break;
    kept += character;
  }
  return kept;
}

function isTooLong(name: string, rules: NameRules): boolean {
  const limit = limitOf(rules);
  // No UTF-16 unit is more than three bytes of UTF-8, so most names need not be measured.
  return name.length * 3 > limit && lengthOf(name, rules) > limit;
}

function lengthOf(text: string, { maxLength }: NameRules): number {
  if (maxLength?.unit !== "bytes") return text.length;
  return new TextEncoder().encode(text).length;
}

function limitOf({ maxLength }: NameRules): number {
  return maxLength?.limit ?? Number.POSITIVE_INFINITY;
}

/** FNV-1a of the UTF-8 bytes, folded to 24 bits (isthe.com/chongo/tech/comp/fnv): six hex digits. */
function hash(text: string): string {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, 0x01000193);
  const folded = (state >>> 24) ^ (state & 0xffffff);
  return folded.toString(16).padStart(6, "0");
}
