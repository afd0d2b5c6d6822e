import { areApart } from "./apart.ts";
import { type Flow, meet, type Side } from "./flows.ts";
import { holds, namesBelow, overlap, relation, same } from "./regions.ts";

/** Two folders, of two rules or of one, that can't stand beside each other. */
export interface Clash {
  readonly earlier: Side;
  /** The one further down in the file. */
  readonly later: Side;
  /** For people: the rules, what is wrong, and how to mend it. */
  readonly message: string;
  /** Nothing is lost and all comes to rest, but perhaps not as it was meant. */
  readonly isWarning: boolean;
}

/**
 * For each folder that a rule names, the first earlier one that it can't stand beside. What is left where
 * there is none: no rule writes into its own source; a folder has one rule that writes there, except that
 * two-way rules may share a folder as a whole, and that a move may go on with what other rules only add.
 */
export function findClashes(flows: readonly Flow[]): Clash[] {
  const sides = flows.flatMap(({ from, to }) => [from, ...to]);
  return sides.flatMap((later, position) => {
    const clashes = sides.slice(0, position).flatMap((earlier) => {
      const judgement = judge(earlier, later);
      return judgement ? [{ earlier, later, isWarning: false, ...judgement }] : [];
    });
    const worst = clashes.find(({ isWarning }) => !isWarning) ?? clashes[0];
    return worst ? [worst] : [];
  });
}

/** Two-way rules between the same two folders: each would bring what the other is bringing already. */
export function findTwins(flows: readonly Flow[]): Clash[] {
  const pairs = flows
    .filter(({ rule }) => rule.mode === "two-way")
    .flatMap(({ from, to }) => to.map((other) => ({ from, to: other })));
  return pairs.flatMap((later, position) => {
    const twin = pairs.slice(0, position).find((earlier) => isTwin(earlier, later));
    if (!twin) return [];
    const message = `two-way ${both(twin.to, later.to)} keep the same folders in step, ${later.from.text} and ${later.to.text}; take one out, or let one exclude what the other includes`;
    return [{ earlier: twin.to, later: later.to, message, isWarning: false }];
  });
}

interface Pair {
  readonly from: Side;
  readonly to: Side;
}

function isTwin(a: Pair, b: Pair): boolean {
  const straight = same(a.from.region, b.from.region) && same(a.to.region, b.to.region);
  const crossed = same(a.from.region, b.to.region) && same(a.to.region, b.from.region);
  const isOther = a.from.index !== b.from.index;
  return isOther && (straight || crossed) && !areApart(a.from.rule, b.from.rule, true);
}

interface Judgement {
  readonly message: string;
  readonly isWarning?: true;
}

/** Null: they may stand. */
function judge(earlier: Side, later: Side): Judgement | null {
  if (earlier.index === later.index) return judgeOwn(earlier, later);
  if (!meet(earlier, later)) return null;
  if (earlier.role === "empties") return judgeMove(earlier, later);
  if (later.role === "empties") return judgeMove(later, earlier);
  // What is only read may be read by all, whoever writes it: a chain.
  if (earlier.role === "reads" || later.role === "reads") return null;
  if (earlier.role === "syncs" && later.role === "syncs") return judgeTwoWay(earlier, later);
  return judgeWriters(earlier, later);
}

/** Two folders of one rule: filters don't part them, so that one that is changed later does no harm. */
function judgeOwn(earlier: Side, later: Side): Judgement | null {
  if (!overlap(earlier.region, later.region)) return null;
  const name = `rule "${later.rule.name}"`;
  const how = relation(later.region, earlier.region);
  const message =
    earlier.field[0] === "from"
      ? `${name} can't write into its own source: "to" (${later.text}) ${how} "from" (${earlier.text})`
      : `two destinations of ${name} write into one folder: ${later.text} ${how} ${earlier.text}`;
  return { message: `${message}; choose folders apart` };
}

function judgeWriters(earlier: Side, later: Side): Judgement {
  const isShared = earlier.role === "syncs" || later.role === "syncs";
  const own = isShared
    ? "only two-way rules can share one, so give each its own"
    : "give each its own";
  return {
    message: `${both(earlier, later)} write into one folder: ${lies(later, earlier)}; ${own}${exclusion(earlier, later)}`,
  };
}

/** Two-way rules that share a whole folder settle: equal bytes are adopted, whichever way they came. */
function judgeTwoWay(earlier: Side, later: Side): Judgement | null {
  if (same(earlier.region, later.region)) return null;
  return {
    message: `two-way ${both(earlier, later)} share a folder only in part: ${lies(later, earlier)}; let both name the same one, or give each its own${exclusion(earlier, later)}`,
  };
}

/** A move removes, and so writes, where it reads; what others only add there, it passes on. */
function judgeMove(move: Side, other: Side): Judgement | null {
  const isSame = same(move.region, other.region);
  if (other.role === "fills" || areApart(move.rule, other.rule, isSame)) return null;
  const { effect, mend } = effectOfMove(move, other);
  const where = move.text === other.text ? "" : ` (${lies(other, move)})`;
  const filters = isSame ? ", or let one exclude what the other includes" : exclusion(move, other);
  const message = `rule "${move.rule.name}" takes files out of ${move.text}${where}, ${effect}; ${mend}${filters}`;
  return other.role === "reads" ? { message, isWarning: true } : { message };
}

interface Effect {
  readonly effect: string;
  readonly mend: string;
}

function effectOfMove(move: Side, other: Side): Effect {
  const name = `rule "${other.rule.name}"`;
  const isSame = same(move.region, other.region);
  const once = isSame ? `name both destinations in "to" of one move` : "choose folders apart";
  const after = `${once}, or let ${name} read where rule "${move.rule.name}" brings them`;
  switch (`${other.rule.mode} ${other.role}`) {
    case "move empties":
      return { effect: `and so does ${name}: whichever comes first gets a file`, mend: once };
    case "mirror owns":
      return {
        effect: `and ${name}, a mirror, puts them back without end`,
        mend: `make ${name} a copy`,
      };
    case "mirror reads":
      return {
        effect: `which ${name} mirrors: what is taken goes from the mirror too`,
        mend: after,
      };
    case "copy reads":
      return {
        effect: `from which ${name} copies: what is taken first is not copied`,
        mend: after,
      };
    default:
      return {
        effect: `which two-way ${name} keeps in step with another: what is taken would vanish there, or come back`,
        mend: `make ${name} a copy or a move into it`,
      };
  }
}

function both(earlier: Side, later: Side): string {
  return `rules "${earlier.rule.name}" and "${later.rule.name}"`;
}

function lies(a: Side, b: Side): string {
  return `${a.text} ${relation(a.region, b.region)} ${b.text}`;
}

/** How a filter would part two folders of which one lies inside the other; empty where none can. */
function exclusion(a: Side, b: Side): string {
  const [outer, inner] = holds(a.region, b.region) ? [a, b] : [b, a];
  const glob = [...namesBelow(outer.region, inner.region), "**"].join("/");
  const isTemplated = outer.rule.as !== null && outer.field[0] !== "from";
  if (isTemplated || same(a.region, b.region) || /[*?[\]{}()!+@|\\]/.test(glob.slice(0, -2)))
    return "";
  return `, or let rule "${outer.rule.name}" exclude "${glob}"`;
}
