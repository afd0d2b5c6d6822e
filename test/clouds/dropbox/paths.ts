import { BadRequest, malformedPath, writeRefusal } from "./errors.ts";

/** Where an item is. The root is empty in both forms. */
export interface Path {
  /** As it was spelled; only the last component is sure to be the item's own spelling. */
  readonly display: string;
  /** What counts for equality. */
  readonly lower: string;
}

const maxComponentLength = 255;
const deleteCharacter = "\u007f";
const refusedNames: ReadonlySet<string> = new Set([
  "desktop.ini",
  "thumbs.db",
  ".ds_store",
  "icon\r",
  ".dropbox",
  ".dropbox.attr",
]);

/**
 * Capitals that came to Unicode after version 4.1, whose tables Dropbox's lower-casing is of: they stay
 * as they are (seen by maestral in Cyrillic).
 */
const newerCapitals = /[\u0510-\u052f\ua640-\ua69b]/u;

/** Character by character, so that ΣΣΣ becomes σσσ and not σσς. */
function lowerOf(path: string): string {
  let lower = "";
  for (const character of path) {
    const [first = ""] = newerCapitals.test(character) ? [character] : character.toLowerCase();
    lower += first;
  }
  return lower;
}

/** The path that a request means to look at. Names are compared as given: a decomposed form finds nothing. */
export function parseForReading(display: string): Path {
  check(display, "lookup");
  return { display, lower: lowerOf(display) };
}

/** The path that a request means to write: composed (NFC), and with a name that Dropbox keeps. */
export function parseForWriting(given: string): Path {
  const display = given.normalize("NFC");
  check(display, "write");
  if (refusedNames.has(lowerOf(nameOf(display)))) throw writeRefusal("disallowed_name");
  return { display, lower: lowerOf(display) };
}

/** The last component. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path of the folder that holds it; empty for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Every folder above, outermost first, without the root. */
export function ancestorsOf(path: Path): readonly Path[] {
  if (parentOf(path.lower) === "") return [];
  const parent = { display: parentOf(path.display), lower: parentOf(path.lower) };
  return [...ancestorsOf(parent), parent];
}

/** Whether `inner` is below `outer`. */
export function isBelow(inner: string, outer: string): boolean {
  return inner.startsWith(`${outer}/`);
}

/** The same item after a folder above it has moved from `from` to `to`. */
export function rebase(path: Path, from: Path, to: Path): Path {
  const depth = from.lower.split("/").length;
  const rest = path.display.split("/").slice(depth);
  const restLower = path.lower.split("/").slice(depth);
  return {
    display: [to.display, ...rest].join("/"),
    lower: [to.lower, ...restLower].join("/"),
  };
}

/** `/a/b.txt` with `(1)` is `/a/b (1).txt`; a folder has no extension. */
export function withSuffix(path: Path, suffix: string, kind: "file" | "folder"): Path {
  const name = nameOf(path.display);
  const dot = name.lastIndexOf(".");
  const [stem, extension] =
    dot > 0 && kind === "file" ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return parseForWriting(`${parentOf(path.display)}/${stem} ${suffix}${extension}`);
}

/** For accounts as they were in 2016: a name with, for instance, an emoji is refused. */
export function refuseOutsideBmp(path: string): void {
  if (!/[\u{10000}-\u{10ffff}]/u.test(path)) return;
  throw new BadRequest(`path: '${path}' is not part of the Unicode Basic Multilingual Plane`);
}

function check(display: string, kind: "lookup" | "write"): void {
  if (display === "") return;
  for (const name of display.slice(1).split("/")) {
    const fault = faultOf(name);
    if (fault !== null) throw malformedPath(kind, `'${name}': ${fault}`);
  }
}

function faultOf(name: string): string | null {
  if (name === "") return "a component is empty";
  if (name === "." || name === "..") return "relative components are not allowed";
  if (name.includes("\\")) return "backslashes are not allowed";
  if (name.includes("\0") || name.includes(deleteCharacter)) return "not a printable character";
  if (name.endsWith(" ")) return "ends with a space";
  if (name.length > maxComponentLength) return `over ${maxComponentLength} characters`;
  return null;
}
