import { seededRandom } from "../clouds/kit/random.ts";

/** Decisions of one seed, in the order in which they are asked for. */
export interface Chance {
  /** 0 <= x < `below`, whole. */
  number(below: number): number;
  hit(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(among: readonly T[]): T;
  /** One of the words, as often as its weight says. */
  weighted<Word extends string>(weights: Readonly<Record<Word, number>>): Word;
}

export function createChance(seed: number): Chance {
  const random = seededRandom(seed);
  const number = (below: number) => Math.floor(random() * below);
  return {
    number,
    hit: (probability) => random() < probability,
    pick(among) {
      const index = number(among.length);
      const [found] = among.slice(index, index + 1);
      if (found === undefined) throw new RangeError("nothing to pick from");
      return found;
    },
    weighted(weights) {
      const words = Object.keys(weights) as (keyof typeof weights)[];
      let left = random() * words.reduce((sum, word) => sum + weights[word], 0);
      for (const word of words) {
        left -= weights[word];
        if (left < 0) return word;
      }
      throw new RangeError("weights must not all be 0");
    },
  };
}
