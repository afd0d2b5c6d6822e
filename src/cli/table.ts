import { stripVTControlCharacters } from "node:util";

export interface TableOptions {
  /** Headings; none by default. */
  readonly head?: readonly string[];
  /** Columns, from 0, that are aligned to the right. */
  readonly right?: readonly number[];
  /** Put before each line. */
  readonly indent?: string;
}

/**
 * Lines of aligned columns, each as wide as its widest cell; cells may hold colours. A line may have fewer
 * cells than others; what ends a line, such as an error, widens no column.
 */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { head, right = [], indent = "" } = options;
  const lines = head ? [head, ...rows] : rows;
  const widths: number[] = [];
  for (const line of lines) {
    for (const [column, cell] of line.entries()) {
      if (column === line.length - 1 && !right.includes(column)) continue;
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    }
  }
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => {
        const gap = " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)));
        return right.includes(column) ? gap + cell : cell + gap;
      });
      return (indent + cells.join("  ")).trimEnd();
    })
    .join("\n");
}

const graphemes = new Intl.Segmenter();

/** Letters as they are seen: colours take no room, and combined characters count once. */
function widthOf(cell: string): number {
  const text = stripVTControlCharacters(cell);
  // Most cells are ASCII, and segmenting a hundred thousand paths takes seconds.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...graphemes.segment(text)].length;
}
