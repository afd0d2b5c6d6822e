/** How long to wait after so many failures in a row, the first being 1: each time twice as long, at most `longestMs`. */
export const backoffMs = (failures: number, firstMs: number, longestMs: number): number =>
  Math.min(longestMs, firstMs * 2 ** (failures - 1));
