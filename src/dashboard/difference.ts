import { structuredPatch } from "diff";

/** Two texts, line by line. */

export interface DiffLine {
  /** `left`, `right`: only there. `gap`: so many lines that are the same are left out. */
  readonly kind: "same" | "left" | "right" | "gap";
  /** Its number on each side, from one; null where it has none. */
  readonly left: number | null;
  readonly right: number | null;
  readonly text: string;
}

export interface Difference {
  readonly lines: readonly DiffLine[];
  readonly onlyLeft: number;
  readonly onlyRight: number;
  /** They hold the same lines, and end them differently. */
  readonly isLineEndsOnly: boolean;
}

/** Around what differs. */
const context = 3;
/** Texts that have hardly anything in common take longer, and are shown one after the other. */
const patienceMs = 800;

export function differenceOf(left: string, right: string): Difference {
  const [a, b] = [left, right].map((text) => text.replaceAll("\r\n", "\n"));
  if (a === undefined || b === undefined || a === b) {
    return { lines: [], onlyLeft: 0, onlyRight: 0, isLineEndsOnly: left !== right };
  }
  const options = { context, timeout: patienceMs };
  const patch = structuredPatch("", "", a, b, undefined, undefined, options);
  const lines = patch
    ? linesOf(patch.hunks, countOf(a))
    : [...allOf(a, "left"), ...allOf(b, "right")];
  const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  return { lines, onlyLeft: count("left"), onlyRight: count("right"), isLineEndsOnly: false };
}

type Hunk = ReturnType<typeof structuredPatch>["hunks"][number];

/** Without what stands behind a last line end. */
const countOf = (text: string) =>
  text.split("\n").length - (text === "" || text.endsWith("\n") ? 1 : 0);

function linesOf(hunks: readonly Hunk[], leftLines: number): DiffLine[] {
  const lines: DiffLine[] = [];
  let left = 1;
  const skip = (before: number) => {
    const text = String(before - left);
    if (before > left) lines.push({ kind: "gap", left: null, right: null, text });
  };
  for (const hunk of hunks) {
    skip(hunk.oldStart);
    left = hunk.oldStart;
    let right = hunk.newStart;
    for (const line of hunk.lines) {
      const text = line.slice(1);
      if (line.startsWith("-")) lines.push({ kind: "left", left: left++, right: null, text });
      else if (line.startsWith("+"))
        lines.push({ kind: "right", left: null, right: right++, text });
      // The rest says that a last line has no end.
      else if (line.startsWith(" ")) {
        lines.push({ kind: "same", left: left++, right: right++, text });
      }
    }
  }
  skip(leftLines + 1);
  return lines;
}

function allOf(text: string, side: "left" | "right"): DiffLine[] {
  return text.split("\n").map((line, at) => ({
    kind: side,
    left: side === "left" ? at + 1 : null,
    right: side === "right" ? at + 1 : null,
    text: line,
  }));
}

/** Null: these bytes are no text. */
export function textOf(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}
