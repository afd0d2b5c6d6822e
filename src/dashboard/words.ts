/** What steps are called where people read them. */

/** `planned`: it would be done. `failed`: it could not be. */
export type Tense = "planned" | "done" | "failed";

/** The name of each side, for people. */
export type SideNames = Readonly<Record<"from" | "to", string>>;

interface VerbWords {
  readonly planned: string;
  readonly done: string;
  /** What stands before the side that is changed; null where it is about both. */
  readonly at: "to" | "in" | null;
  readonly sign: string;
}

const verbs: Readonly<Record<string, VerbWords>> = {
  upload: { planned: "copy", done: "copied", at: "to", sign: "+" },
  update: { planned: "update", done: "updated", at: "in", sign: "~" },
  "create-folder": { planned: "make a folder", done: "made a folder", at: "in", sign: "+" },
  rename: { planned: "rename", done: "renamed", at: "in", sign: "→" },
  move: { planned: "move", done: "moved", at: "in", sign: "→" },
  trash: { planned: "move to the trash", done: "moved to the trash", at: "in", sign: "−" },
  link: { planned: "match up", done: "matched up", at: null, sign: "=" },
  conflict: { planned: "ask you", done: "found a conflict", at: null, sign: "!" },
  restore: { planned: "put back", done: "put back", at: "in", sign: "↶" },
  skip: { planned: "leave alone", done: "left alone", at: null, sign: "·" },
};

/** `copied to drive`, in a plan `copy to drive`, of one that failed `could not copy to drive`. */
export function sayStep(
  { do: verb, side }: { readonly do: string; readonly side: "from" | "to" },
  tense: Tense,
  names: SideNames = { from: "the source", to: "the destination" },
): string {
  const words = verbs[verb];
  // A newer server may know more of them.
  if (!words) return verb.replaceAll("-", " ");
  const said = tense === "done" ? words.done : words.planned;
  const whole = words.at === null ? said : `${said} ${words.at} ${names[side]}`;
  return tense === "failed" ? `could not ${whole}` : whole;
}

/** One letter for eyes. */
export const signOf = (verb: string): string => verbs[verb]?.sign ?? "·";

/** All that a log may hold, for a choice among them: `copied`. */
export const doneWords: readonly (readonly [verb: string, word: string])[] = Object.entries(
  verbs,
).map(([verb, { done }]) => [verb, done]);

/**
 * What the sides of a rule are called: by their accounts, by whole locations where both are of one, and without a
 * name where several destinations share what is said.
 */
export function namesOf({
  from,
  to: [to, ...others],
}: {
  readonly from: string;
  readonly to: readonly string[];
}): SideNames {
  if (to === undefined || others.length > 0) {
    return { from: accountOf(from), to: "a destination" };
  }
  if (accountOf(from) === accountOf(to)) return { from, to };
  return { from: accountOf(from), to: accountOf(to) };
}

const accountOf = (location: string): string => location.slice(0, location.indexOf(":"));
