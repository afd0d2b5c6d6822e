/** Counts what failed, by who tried it, so that nobody can try for ever. */
export interface Tries {
  /** How long the next attempt has to wait, in milliseconds; 0: not at all. */
  waitMs(who: string): number;
  failed(who: string): void;
}

export interface TriesOptions {
  /** So many may fail in a window; it begins with the first of them. */
  readonly most: number;
  readonly windowMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Of more than these the longest known are forgotten, so that made-up names fill no memory. */
const mostKnown = 10_000;

export function createTries({ most, windowMs, now }: TriesOptions): Tries {
  const windows = new Map<string, { readonly beganMs: number; failures: number }>();
  const open = (who: string) => {
    const known = windows.get(who);
    return known && now() < known.beganMs + windowMs ? known : null;
  };
  return {
    waitMs(who) {
      const known = open(who);
      return known && known.failures >= most ? known.beganMs + windowMs - now() : 0;
    },
    failed(who) {
      const known = open(who);
      if (known) {
        known.failures += 1;
        return;
      }
      windows.delete(who);
      windows.set(who, { beganMs: now(), failures: 1 });
      const [longest] = windows.keys();
      if (windows.size > mostKnown && longest !== undefined) windows.delete(longest);
    },
  };
}
