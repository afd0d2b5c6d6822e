import type { Entry, ItemId } from "../../src/core/entry.ts";
import {
  type Action,
  type FolderRef,
  otherSide,
  refKey,
  type Side,
  type Step,
  type Target,
  unitOf,
} from "../../src/core/plan.ts";
import type { Mode } from "../../src/core/rule.ts";
import { type Account, hashesOf } from "./account.ts";
import type { Links } from "./links.ts";
import type { Marks } from "./marks.ts";

/** What carrying out plans has done to one side. */
export interface Doings {
  uploads: number;
  moves: number;
  detours: number;
  trashes: number;
  folders: number;
}

export interface Hands {
  readonly accounts: Readonly<Record<Side, Account>>;
  readonly links: Links;
  readonly done: Readonly<Record<Side, Doings>>;
  /** Every version that was sent to the other side. */
  readonly sent: string[];
  readonly marks: Marks;
  readonly mode: Mode;
}

/** One content of one item. */
export const versionOf = ({ id, revision }: Entry): string => `${id} ${revision}`;

type Of<Type extends Action["type"]> = Extract<Action, { type: Type }>;

/**
 * Does one step after the other; each gives the item that it has changed. Throws when the world is other than
 * the step was planned for.
 */
export function createPerformer({
  accounts,
  links,
  done,
  sent,
  marks,
}: Hands): (step: Step) => ItemId | null {
  const made = new Map<string, ItemId>();

  function resolve(ref: FolderRef): ItemId {
    if ("id" in ref) return ref.id;
    const id = made.get(ref.step);
    if (id) return id;
    throw new Error(`step ${ref.step} has made no folder`);
  }

  const placeOf = ({ parent, name }: Target) => ({ parent: resolve(parent), name });

  function transfer({ side }: Step, action: Of<"upload"> | Of<"update">): ItemId {
    const [own, other] = [accounts[side], accounts[otherSide(side)]];
    const source = other.need(action.source);
    const { exportAs } = action;
    const text = exportAs ? `${exportAs} of ${versionOf(source)}` : other.textOf(source);
    if (text === null) throw new Error("the source has no bytes");
    if (source.revision !== action.revision) throw new Error("the source has changed");
    const written =
      action.type === "upload"
        ? own.create(placeOf(action.at), text, source.modifiedAt)
        : replace(own, action, text, source.modifiedAt);
    sent.push(versionOf(source));
    done[side].uploads++;
    own.learn(written.id, hashesOf(text));
    other.learn(source.id, hashesOf(text));
    link(side, source.id, written.id);
    return written.id;
  }

  function replace(own: Account, action: Of<"update">, text: string, at: Date | null): Entry {
    if (own.need(action.target).revision !== action.targetRevision) {
      throw new Error("the target has changed");
    }
    return own.edit(action.target, text, at);
  }

  /** `target` is of `side`, `source` of the other one. */
  function link(side: Side, source: ItemId, target: ItemId, diverged = false): void {
    const [own, other] = [accounts[side].need(target), accounts[otherSide(side)].need(source)];
    const [from, to] = side === "from" ? [own, other] : [other, own];
    links.agree(from, to, diverged ? side : null);
  }

  function createFolder({ id, side }: Step, { source, at }: Of<"create-folder">): ItemId {
    const folder = accounts[side].create(placeOf(at), null);
    done[side].folders++;
    made.set(id, folder.id);
    if (source) link(side, source, folder.id);
    return folder.id;
  }

  function move({ side }: Step, { target, to, detour, leads }: Of<"move">): void {
    const known = links.of(side, target);
    const before = accounts[side].need(target);
    const moved = accounts[side].move(target, placeOf(to));
    if (before.parent === moved.parent && before.name === moved.name)
      throw new Error("moves nothing");
    done[side].moves++;
    if (to.name.startsWith(".syncline-swap-")) done[side].detours++;
    letIn(side, moved);
    const other = otherSide(side);
    // Another step may have ended it: its other end has got a counterpart under the same name.
    if (!known) return;
    const source = accounts[other].get(known[other].id);
    const place = ({ parent, name }: Entry) => ({ parent, name });
    links.put({
      ...known,
      [side]: { ...known[side], ...(!leads && place(moved)) },
      ...(!detour && source && { [other]: { ...known[other], ...place(source) } }),
    });
  }

  /** What the globs left out of a folder may be let in where it is now. */
  function letIn(side: Side, { id }: Entry): void {
    for (const below of accounts[side].below(id)) {
      if (!links.of(side, below.id)) marks.mark({ side, item: below.id });
    }
  }

  function setAside({ side }: Step, { target, revision, to }: Of<"set-aside">): void {
    if (accounts[side].need(target).revision !== revision) throw new Error("it has changed");
    letIn(side, accounts[side].move(target, placeOf(to)));
    done[side].moves++;
    links.end(side, target);
  }

  function trash({ side, unit }: Step, { target, revision, holds, files }: Of<"trash">): void {
    const entry = accounts[side].get(target);
    // Another batch had to remove it too.
    if (!entry) return;
    if (entry.revision !== revision) throw new Error("it has changed");
    const link = links.of(side, target);
    if (link && refKey(unitOf(link)) !== refKey(unit)) throw new Error("it has a counterpart");
    const judged = new Set(holds);
    const below = accounts[side].below(target);
    const unjudged = below.find(({ id }) => !judged.has(id));
    if (unjudged) throw new Error(`it holds ${unjudged.name}, which was not judged`);
    const isFile = (id: ItemId) => accounts[side].get(id)?.kind === "file";
    if (holds.filter(isFile).length !== files) throw new Error(`it counts ${files} files`);
    accounts[side].trash(target);
    done[side].trashes++;
    for (const { id } of [entry, ...below]) links.end(side, id);
  }

  function adopt({ id, side }: Step, { source, target, diverged }: Of<"link">): void {
    const [a, b] = [accounts[side].need(target), accounts[otherSide(side)].need(source)];
    if (a.kind !== b.kind) throw new Error(`a ${b.kind} can't be linked to a ${a.kind}`);
    const isEqual = accounts[side].textOf(a) === accounts[otherSide(side)].textOf(b);
    if (isEqual === diverged) throw new Error(diverged ? "they are equal" : "they differ");
    made.set(id, target);
    link(side, source, target, diverged);
  }

  function compare({ side }: Step, { source, target }: Of<"compare">): void {
    for (const [at, id] of [
      [side, target],
      [otherSide(side), source],
    ] as const) {
      const text = accounts[at].textOf(accounts[at].need(id));
      if (text === null) throw new Error("there are no bytes to compare");
      accounts[at].learn(id, hashesOf(text));
    }
  }

  return (step) => {
    const { action } = step;
    switch (action.type) {
      case "upload":
      case "update":
        return transfer(step, action);
      case "create-folder":
        return createFolder(step, action);
      case "move":
        move(step, action);
        return action.target;
      case "set-aside":
        setAside(step, action);
        return action.target;
      case "trash":
        trash(step, action);
        return action.target;
      case "link":
        adopt(step, action);
        return null;
      case "compare":
        compare(step, action);
        return null;
      case "review":
      case "skip":
        return null;
      case "revert":
      case "restore":
        throw new Error(`no plan of a rule has a step of the type ${action.type}`);
    }
  };
}
