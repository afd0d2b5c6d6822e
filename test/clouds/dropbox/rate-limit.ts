/** How many requests a second an account may make. */
export interface RateLimit {
  /** Counts a request, refused ones too; false: over the limit. */
  admit(): boolean;
}

const windowMs = 1000;

/** Counts by whole seconds; reads its limit at each use. */
export function createRateLimit(
  now: () => number,
  limits: { readonly requestsPerSecond: number | null },
): RateLimit {
  let window = Number.NaN;
  let count = 0;
  return {
    admit() {
      const current = Math.floor(now() / windowMs);
      count = current === window ? count + 1 : 1;
      window = current;
      return limits.requestsPerSecond === null || count <= limits.requestsPerSecond;
    },
  };
}
