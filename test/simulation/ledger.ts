import type { Change, Entry, ItemId } from "../../src/core/entry.ts";
import { createMatcher } from "../../src/core/match.ts";
import { otherSide, type Side } from "../../src/core/plan.ts";
import { liveTexts } from "./agreement.ts";
import { textOf } from "./chronicle.ts";
import type { Clouds } from "./draw.ts";
import { type CloudKind, kinds } from "./kinds.ts";
import { base, touchable } from "./scope.ts";
import type { Script } from "./script.ts";

/**
 * Who had which effect, and what follows from it: what a person wrote and nobody took back has to stay
 * where people see it, and everything that the engine takes away must be covered by that.
 */
export interface Ledger {
  /** Everything that `act` does at the side is a person's doing. */
  byPerson<T>(side: Side, act: () => T): T;
  /** To be told of every effect at once; whether it was a person's. */
  observe(side: Side, change: Change): boolean;
  /** Contents that must be live, by content, with the sides that must have it. */
  readonly claims: ReadonlySet<string>;
  /** Contents that a person took back somewhere, at any time. */
  readonly abandoned: ReadonlySet<string>;
  /** Contents that people ever gave to a file: what arrived damaged is nobody's. */
  readonly authored: ReadonlySet<string>;
  /** All is in step: what both sides have is claimed, whatever was given up before. */
  settle(): void;
  /** A person decided for one of two versions; the other one may go. */
  decide(): void;
  /** From now on people may lose to a feed that misleads. */
  mislead(): void;
  /** A request or an answer took its turn. */
  tick(): void;
  /** The engine asks a side's feed. */
  asks(side: Side): void;
  /** It has read all that it asked for: a plan may be made before, while another rule is reading on. */
  hears(side: Side): void;
  /** The engine plans from what the feeds have told it. */
  plans(): void;
  /** What the engine did that it must not do. */
  readonly offences: readonly string[];
  /** Files that a person put into a folder at the very moment at which it was trashed. */
  swept(): number;
}

/** Whether a service can't refuse a replacement in the instant in which it is made. */
const isRacy = (kind: CloudKind) => "conditionalWrite" in kinds[kind];

/** How many turns a folder may have been looked at before it is trashed. */
const lookTurns = 12;

type Names = Pick<Entry, "id" | "parent" | "name" | "kind" | "revision">;

/** A content that the engine took away. */
interface Taken {
  readonly id: ItemId;
  readonly text: string;
  /** Whether a person put it there when it was too late to be seen. */
  readonly wasFresh: boolean;
}

export function createLedger(script: Script, clouds: () => Clouds, now: () => number): Ledger {
  const shadow: Record<Side, Map<ItemId, Names>> = { from: new Map(), to: new Map() };
  const texts: Record<Side, Map<ItemId, string>> = { from: new Map(), to: new Map() };
  const claims = new Set<string>();
  const givenUp: Record<Side, Set<string>> = { from: new Set(), to: new Set() };
  /** Files that the rule's filters let in at any time. */
  const ours: Record<Side, Set<ItemId>> = { from: new Set(), to: new Set() };
  const abandoned = new Set<string>();
  const authored = new Set<string>();
  /** Of these, what the last act gave to a file that did not hold it before. */
  const written = new Set<string>();
  const touched = new Map<string, number>();
  const offences: string[] = [];
  /** Contents that a replacement took away unseen, with the file that they are a version of. */
  const displaced = new Map<string, { readonly side: Side; readonly id: ItemId }>();
  const never = (): Record<Side, number> => ({ from: 0, to: 0 });
  /** When each feed was asked last; for what had been read to its end; and for what the engine carries out now. */
  const [askedAt, heardAt, knownAt] = [never(), never(), never()];
  const state = {
    actor: null as Side | null,
    turn: 0,
    plannedAt: 0,
    decided: false,
    misled: false,
    swept: 0,
  };
  const { mode, rule } = script;
  const matcher = createMatcher({ ...rule, where: {}, as: null });
  const offend = (what: string) => void offences.push(what);

  const filesOf = (entries: Iterable<Entry>) =>
    [...entries].filter(({ kind }) => kind === "file").map(({ id }) => id);
  /** In scope, as counted contents. */
  const contents = (side: Side): Map<string, number> => {
    const inside = touchable(clouds()[side], side, script, now());
    const files = filesOf([...inside.values()].map(({ entry }) => entry));
    for (const id of files) ours[side].add(id);
    return countTexts(clouds()[side], files);
  };
  /** Wherever people find it. */
  const allContents = (side: Side): Map<string, number> => {
    const cloud = clouds()[side];
    return countTexts(cloud, filesOf(cloud.entries().map(({ entry }) => entry)));
  };

  function byPerson<T>(side: Side, act: () => T): T {
    const [before, allBefore] = [contents(side), allContents(side)];
    state.actor = side;
    written.clear();
    const result = act();
    state.actor = null;
    const [after, allAfter] = [contents(side), allContents(side)];
    if (mode === "mirror" && side === "to") return result;
    for (const text of [...less(before, after), ...less(allBefore, allAfter)]) {
      givenUp[side].add(text);
      abandoned.add(text);
      claims.delete(text);
    }
    // With a file people take away all its versions.
    for (const [text, at] of displaced) {
      if (at.side !== side || clouds()[side].look(at.id)) continue;
      abandoned.add(text);
      claims.delete(text);
    }
    // A copy that nobody claimed any more is not claimed by being taken out, or to the trash, and put back.
    const isCopy = mode === "copy" && side === "to";
    for (const text of less(after, before)) {
      if (!authored.has(text)) continue;
      if (isCopy && abandoned.has(text) && !written.has(text)) continue;
      if (!givenUp[otherSide(side)].has(text)) claims.add(text);
    }
    return result;
  }

  /** Ids of live things below a folder, itself first. */
  const below = (side: Side, id: ItemId): ItemId[] => [
    id,
    ...[...shadow[side].values()]
      .filter(({ parent }) => parent === id)
      .flatMap((child) => below(side, child.id)),
  ];
  const pathOf = (side: Side, id: ItemId): string => {
    const item = shadow[side].get(id);
    return item?.parent ? `${pathOf(side, item.parent)}/${item.name}` : "";
  };
  /** In scope or not: where people find it. */
  const isLive = (side: Side, text: string) => liveTexts(clouds()[side]).has(text);

  /** Whether the rule's filters let the engine touch a file there, or did before it was moved. */
  const isOurs = (side: Side, id: ItemId, path: string): boolean => {
    if (ours[side].has(id)) return true;
    if (side === "to" && (mode === "copy" || mode === "move")) return true;
    // Where a swap is under way, or was cut off.
    if (path.includes("/.syncline-swap-")) return true;
    const facts = { sizeBytes: null, modifiedAt: null };
    return matcher.file(path.split("/").slice(2), facts, now()).in;
  };
  /**
   * Whether a person moved it, or a folder above it, so lately that the engine could not know: of many removals that
   * go side by side the last goes long after the reading ahead of them, without which none may go.
   */
  const isFresh = (side: Side, id: ItemId): boolean => {
    const isReadSince = heardAt[side] > state.plannedAt;
    const looked = state.turn - lookTurns;
    return isNewerThan(side, id, isReadSince ? Math.min(looked, heardAt[side]) : looked);
  };
  /** The same for what is made in a folder: no service can be asked to do so only while that is where it was. */
  const isUnplanned = (side: Side, id: ItemId): boolean =>
    isNewerThan(side, id, Math.min(state.turn - lookTurns, knownAt[side]));
  const isNewerThan = (side: Side, id: ItemId, turn: number): boolean => {
    const { parent = null } = shadow[side].get(id) ?? {};
    const isNewer = (touched.get(`${side}:${id}`) ?? Number.NEGATIVE_INFINITY) >= turn;
    return state.misled || isNewer || (parent !== null && isNewerThan(side, parent, turn));
  };

  /** A content is no longer at `side` under this item, by the engine's doing. */
  function taken(side: Side, { id, text, wasFresh }: Taken, how: "overwrote" | "trashed"): void {
    const what = `${how} "${text}" of ${side} (${id})`;
    if (mode === "mirror" && side === "to") return;
    if (side === "from" && (mode === "copy" || mode === "mirror") && !state.decided)
      return offend(`the engine ${what} at the source`);
    if (mode === "move" && side === "from") {
      if (state.decided) claims.delete(text);
      else if (!isLive("to", text) && !givenUp.to.has(text)) offend(`${what} without a copy`);
      return;
    }
    if (how === "overwrote" && mayOverwrite(side)) return void claims.delete(text);
    if (!claims.has(text)) return;
    if (how === "trashed" && wasFresh) {
      state.swept++;
      claims.delete(text);
      return;
    }
    if (isLive(side, text) || isLive(otherSide(side), text)) return;
    // It stays claimed: the engine has to find it among the versions, and bring it back.
    if (how === "overwrote" && isRacy(script[side])) return void displaced.set(text, { side, id });
    offend(`the engine ${what}, which nobody gave up`);
  }

  function mayOverwrite(side: Side): boolean {
    if (state.decided || rule.conflict === "newest") return true;
    return rule.conflict === (side === "to" ? "from" : "to");
  }

  function engineDid(side: Side, change: Change, known: Names | null): void {
    const wasAt = known && pathOf(side, known.id);
    const inside = (path: string) => path === base[side] || path.startsWith(`${base[side]}/`);
    if (known && wasAt && !inside(wasAt) && !isUnplanned(side, known.id))
      offend(`the engine touched ${wasAt} of ${side}`);
    if (change.type === "gone") {
      const gone = below(side, change.id).filter((id) => shadow[side].get(id)?.kind === "file");
      const held = gone.map((id) => ({
        id,
        text: texts[side].get(id) ?? "",
        path: pathOf(side, id),
        // Where it was by then, and since when, is known only now.
        wasFresh: isFresh(side, id),
      }));
      forget(side, change.id);
      for (const { path, ...file } of held) {
        if (isOurs(side, file.id, path)) taken(side, file, "trashed");
        else if (!file.wasFresh) offend(`the engine trashed ${path}, which the rule leaves out`);
      }
      return;
    }
    if (
      known?.kind === "file" &&
      wasAt &&
      !isOurs(side, known.id, wasAt) &&
      !isUnplanned(side, known.id)
    )
      offend(`the engine touched ${wasAt}, which the rule leaves out`);
    const { entry } = change;
    const before = texts[side].get(entry.id);
    remember(side, entry);
    const isAt = pathOf(side, entry.id);
    if (!inside(isAt) && !isUnplanned(side, entry.id))
      offend(`the engine put something at ${isAt} of ${side}`);
    const isEdited = known !== null && known.revision !== entry.revision;
    if (isEdited && before !== undefined && before !== texts[side].get(entry.id))
      taken(side, { id: entry.id, text: before, wasFresh: false }, "overwrote");
  }

  function remember(side: Side, entry: Entry): void {
    const { id, parent, name, kind, revision } = entry;
    shadow[side].set(id, { id, parent, name, kind, revision });
    if (kind !== "file") return;
    texts[side].set(id, textOf(clouds()[side], id));
    if (isOurs(side, id, pathOf(side, id))) ours[side].add(id);
  }

  /** What a person has made, changed, moved or brought back. */
  function note(side: Side, entry: Entry): void {
    const before = texts[side].get(entry.id);
    remember(side, entry);
    const text = entry.kind === "file" ? texts[side].get(entry.id) : undefined;
    if (text === undefined || text === before) return;
    // Saved once more before a killed process could ask: what it displaced stays in the file's history.
    for (const [lost, file] of displaced) {
      if (file.side === side && file.id === entry.id) claims.delete(lost);
    }
    written.add(text);
    authored.add(text);
  }

  function forget(side: Side, id: ItemId): void {
    for (const each of below(side, id)) shadow[side].delete(each);
  }

  return {
    byPerson,
    observe(side, change) {
      const id = change.type === "put" ? change.entry.id : change.id;
      const known = shadow[side].get(id) ?? null;
      if (state.actor === null) {
        engineDid(side, change, known);
        return false;
      }
      touched.set(`${side}:${id}`, state.turn);
      if (change.type === "gone") forget(side, id);
      else note(side, change.entry);
      return true;
    },
    claims,
    abandoned,
    authored,
    settle() {
      for (const side of ["from", "to"] as const) givenUp[side].clear();
      const to = mode === "two-way" ? contents("to") : null;
      for (const text of contents("from").keys()) if (to === null || to.has(text)) claims.add(text);
      state.decided = false;
      state.misled = false;
    },
    decide() {
      state.decided = true;
    },
    mislead() {
      state.misled = true;
    },
    tick() {
      state.turn++;
    },
    asks(side) {
      askedAt[side] = state.turn;
    },
    hears(side) {
      heardAt[side] = askedAt[side];
    },
    plans() {
      Object.assign(knownAt, heardAt);
      state.plannedAt = state.turn;
    },
    offences,
    swept: () => state.swept,
  };
}

function countTexts(cloud: Clouds[Side], files: readonly ItemId[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of files) {
    const text = textOf(cloud, id);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** Of what there are fewer in `after`. */
const less = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] =>
  [...before].filter(([text, count]) => (after.get(text) ?? 0) < count).map(([text]) => text);
