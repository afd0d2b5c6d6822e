/** Which rows of a long list are near the view, when all are equally tall. */

export interface Range {
  readonly first: number;
  /** The one after the last. */
  readonly end: number;
}

/** Rows beyond each edge of the view, and how many come and go at once. */
const beyond = 12;
const portion = 8;

/** `topPx`: from the top of the view to that of the list, negative where it was scrolled past. */
export function rangeOf(
  { topPx, viewPx, rowPx }: { topPx: number; viewPx: number; rowPx: number },
  count: number,
): Range {
  const first = Math.floor(-topPx / rowPx) - beyond;
  const end = Math.ceil((viewPx - topPx) / rowPx) + beyond;
  const start = Math.floor(clamp(first, count) / portion) * portion;
  return { first: start, end: clamp(Math.ceil(end / portion) * portion, count) };
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(value, most));

/** Where a key leads in a list of rows; null: nowhere. */
export function rowAfter(key: string, at: number, count: number): number | null {
  const page = 10;
  const to: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: count - 1,
  };
  const row = to[key];
  return row === undefined || count === 0 ? null : Math.max(0, Math.min(row, count - 1));
}
