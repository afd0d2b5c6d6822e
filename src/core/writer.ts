import { contentTag } from "./content.ts";
import type { DestinationOf } from "./destination.ts";
import { isOnDetour, nameBefore, type Planned } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import { alias, conflictName, isOneName, nameKey, numbered, sameName } from "./names.ts";
import { exportOf } from "./native.ts";
import { type Choice, createPlaces, type Places } from "./places.ts";
import {
  type Action,
  type FolderRef,
  type ItemRef,
  type Link,
  type LinkEnd,
  otherSide,
  type Side,
  type Step,
  type Target,
  unitOf,
} from "./plan.ts";
import type { Drafting } from "./planning.ts";
import { ancestry, byAge, pathBelow } from "./scope.ts";

/**
 * Steps that change one side, whose items come from the other one, the source. It knows what this plan does
 * to the side so far: which names are given away, which items leave their place, where folders will be.
 *
 * - A name is taken only when nobody holds it, or after the step that frees it.
 * - A step in a folder comes after those that make the folder, or bring it to its place.
 * - A step that overwrites names the revision it was planned against.
 */
export interface Writer {
  readonly side: Side;
  readonly places: Places;
  /** The step by which an item leaves its place in this plan. */
  readonly leaving: ReadonlyMap<ItemId, string>;
  /** The counterpart of a source folder: linked, adopted by its name, or made. */
  counterpart(folder: ItemId): FolderRef;
  /** Where a new file goes; null when that can't be said, and why is a step already. */
  placeOf(file: Entry, path: readonly string[]): { at: Target; choice: Choice } | null;
  /** Where an item of this side is when the steps that were planned for it are done. */
  placeOfTarget(target: Entry): Target;
  /**
   * The step by which the counterpart takes its source's place, under `name` where that is one which the source
   * is still to get; null when it stays.
   */
  follow(item: Entry, link: Link, target: Entry, name?: string): string | null;
  /** Whether an item will lie in a folder, or be it, when this plan is done. */
  willHold(item: ItemId, folder: ItemId): boolean;
  upload(file: Entry, at: Target, after: readonly string[], why: string): void;
  update(file: Entry, target: Entry, after: readonly string[], why: string): void;
  /** `target` makes room; the name tells where it comes from and is the same at every attempt. */
  setAside(unit: ItemRef, target: Entry, why: string, after?: readonly string[]): string;
  /** Keeps a place that is left in this plan for an item of the source. */
  claim(item: Entry, at: Target): void;
  /** Whether this plan has dealt with the counterpart of a source folder. */
  isPlaced(folder: ItemId): boolean;
  /**
   * `target` takes the name of a conflict copy, and keeps its link: the step, and the name. The other end of
   * the link is to have that name first, since only this one shows that it is still to be followed; the step
   * waits for what is added to `after`.
   */
  giveWay(link: Link, target: Entry, why: string): { step: string; name: string; after: string[] };
  /**
   * Takes `target` out of a passing name that it was left under: the step, or null where nothing tells the former
   * one. `leads`: the other end is to follow it; else the link ends.
   */
  bringHome(link: Link, target: Entry, leads?: true): string | null;
  /**
   * As `bringHome`, where no counterpart is left: under its former name it is an item like any other, and looked at
   * as one. False where it is under no passing name, or nothing tells the former one.
   */
  comeHome(unit: ItemRef, target: Entry): boolean;
  /** How an item makes room in this plan; null where it does not. */
  asideOf(item: ItemId): Aside | null;
  isComingHome(item: ItemId): boolean;
  /** The step by which an item will leave its place, before it is known whether it does. */
  reserve(target: ItemId): string;
  release(target: ItemId): void;
  /** The answer is what the step waits for: more may be added until the plan is made. */
  trash(id: string, unit: ItemRef, target: Entry, removal: Removal, why: string): string[];
  adopt(file: Entry, target: Entry, why: string, diverged?: boolean): void;
  compare(file: Entry, target: Entry): void;
  review(file: Entry, target: Entry, why: string): void;
  skip(file: Entry, path: readonly string[], why: string): void;
  /** As `skip`, of what is wanted and can't be: that is an error, and looked at again in each run. */
  refuse(item: Entry, path: readonly string[], why: string): void;
}

/** The step by which an item makes room, and the name that it has then. */
export interface Aside {
  readonly step: string;
  readonly name: string;
}

/** What goes to the trash in one step. */
export interface Removal {
  /** The item itself and all below it. */
  readonly holds: readonly ItemId[];
  readonly files: number;
}

export function createWriter(
  side: Side,
  drafting: Drafting,
  destination: DestinationOf | null,
): Writer {
  const { rule, view, scope, decide, nextId } = drafting;
  const source = otherSide(side);
  const { tree, root, names, label } = view[side];
  const sourceTree = view[source].tree;

  const folders = new Map<ItemId, FolderRef>();
  const paths = new Map<string, FolderRef>();
  const leaving = new Map<ItemId, string>();
  /** Where items will be that move in this plan. */
  const placed = new Map<ItemId, Target>();
  /** Which folder holds, or will hold, the new place of an item that follows its source: known before its move is. */
  const bound = new Map<ItemId, ItemId>();
  const homing = new Set<ItemId>();
  /** The steps that link folders which are there already: who is left in one that is not belongs elsewhere. */
  const adopted = new Map<ItemId, string>();
  /** The names that items make room with. */
  const asides = new Map<ItemId, Aside>();
  const pathOfStep = new Map<string, string>();
  /** Where folders are made. */
  const madeIn = new Map<string, FolderRef>();

  // What a template sends to one place are different files: even where names may repeat they get numbers.
  const placing = {
    ...view,
    [side]: { ...view[side], names: { ...names, ...(destination && { duplicates: false }) } },
  };
  const places = createPlaces(placing, side, {
    vacates: (occupant, link) => drafting.mode().vacates(side, occupant, link),
    yields: (...given) => drafting.mode().yields(side, ...given),
    isWanted: (link) => drafting.mode().isWanted(side, link),
    inherits: (...given) => drafting.mode().inherits(side, ...given),
    meets: (...given) => drafting.mode().meets(side, ...given),
  });

  const unitOfSource = (item: ItemId): ItemRef => {
    const link = view.linkOf(source, item);
    return link ? unitOf(link) : { side: source, item };
  };
  const sourcePath = (id: ItemId) =>
    (pathBelow(sourceTree, view[source].root.folder, id) ?? []).join("/");
  /** Relative to the rule's folder, as it is now. */
  const presentPath = (id: ItemId) => (pathBelow(tree, root.folder, id) ?? []).join("/");

  /** Relative to the rule's folder, as it will be; `of` is what will be there. */
  function targetPath(at: Target, of?: ItemId): string {
    const path: string[] = [];
    const through = new Set([of]);
    for (let place: Target | null = at; place; ) {
      const { name, parent }: Target = place;
      path.push(name);
      place = null;
      if ("step" in parent) path.push(pathOfStep.get(parent.step) ?? "");
      // A folder that goes into one that has to leave it first, and is yet to be planned.
      else if (through.has(parent.id)) path.push(presentPath(parent.id));
      else {
        through.add(parent.id);
        place = placeAfter(parent.id);
      }
    }
    return path.reverse().filter(Boolean).join("/");
  }

  /** Where an item will be; null for the rule's folder. */
  function placeAfter(id: ItemId): Target | null {
    const moved = placed.get(id);
    if (moved) return moved;
    const entry = tree.get(id);
    if (id === root.folder || !entry?.parent) return null;
    return { parent: { id: entry.parent }, name: entry.name };
  }

  /** Relative to the rule's folder, as it will be. */
  function pathOf(id: ItemId): string {
    const place = placeAfter(id);
    return place ? targetPath(place, id) : "";
  }

  /** The steps that must have made the folder, or linked it, or brought it and what holds it to its place. */
  function afterOf(parent: FolderRef): string[] {
    if ("step" in parent) return [parent.step];
    // What holds one that leaves is none of its concern.
    const leaver = ancestry(tree, parent.id).find((id) => leaving.has(id));
    return [adopted.get(parent.id), leaver && leaving.get(leaver)].filter(
      (each) => each !== undefined,
    );
  }

  /**
   * The step that brings the nearest folder at or above a place which will be in another one than now: what may
   * still hold that can't go there before. Known when all is planned.
   */
  function bringingOf(parent: FolderRef): string | null {
    let at: FolderRef | undefined = parent;
    for (let depth = 0; at && depth < 1000; depth++) {
      if ("step" in at) {
        at = madeIn.get(at.step);
        continue;
      }
      const holder: ItemId | null | undefined = tree.get(at.id)?.parent;
      const moved: FolderRef | undefined = placed.get(at.id)?.parent;
      const isElsewhere = moved && !("id" in moved && moved.id === holder);
      if (isElsewhere) return leaving.get(at.id) ?? null;
      at = holder ? { id: holder } : undefined;
    }
    return null;
  }

  function add(
    step: Omit<Step, "id" | "side" | "after"> & { id?: string; after: readonly string[] },
  ) {
    const added = { ...step, id: step.id ?? nextId(), side, after: [...step.after] };
    drafting.add(added);
    return added.id;
  }

  /** The rule's folder itself, made where it does not exist yet. */
  function rootRef(item: ItemId): FolderRef {
    let ref: FolderRef = { id: root.folder };
    for (const [depth, name] of root.missing.entries()) {
      const made: FolderRef =
        paths.get(`/${depth}`) ??
        makeFolder(item, { parent: ref, name }, "", `the destination folder "${name}" is missing`);
      paths.set(`/${depth}`, made);
      ref = made;
    }
    return ref;
  }

  function makeFolder(item: ItemId, at: Target, path: string, why: string): FolderRef {
    const step = add({
      do: "create-folder",
      path,
      bytes: 0,
      why,
      unit: unitOfSource(item),
      after: afterOf(at.parent),
      action: { type: "create-folder", source: null, at },
    });
    pathOfStep.set(step, path);
    madeIn.set(step, at.parent);
    return { step };
  }

  function counterpart(id: ItemId): FolderRef {
    if (id === view[source].root.folder) return rootRef(id);
    const known = folders.get(id);
    if (known) return known;
    const folder = sourceTree.get(id);
    if (!folder?.parent) throw new Error(`folder ${id} is outside the rule's location`);
    const paired = drafting.pairOf(source, id);
    const link = view.linkOf(source, id);
    if (paired && paired !== link?.[side].id) return { id: paired };
    if (link && drafting.isThere(side, link)) {
      // Set before deciding: its own move may lead back here through the folder that stands in its way.
      folders.set(id, { id: link[side].id });
      decide({ side: source, item: id });
      return { id: link[side].id };
    }
    // What is below it may have to be looked at, whoever asks for it first.
    decide({ side: source, item: id });
    const decided = folders.get(id);
    if (decided) return decided;
    const parent = counterpart(folder.parent);
    const made = folders.get(id) ?? placeFolder(folder, parent);
    folders.set(id, made);
    return made;
  }

  function placeFolder(folder: Entry, parent: FolderRef): FolderRef {
    const aside = drafting.asideOf(source, folder.id);
    const wanted = aside?.name ?? wantedName(folder);
    yieldToElders(folder, wanted);
    const choice = places.choose(folder, parent, alias(wanted, names), null);
    // Whatever has to leave the name first may be going into this very folder, and have it planned by now.
    const planned = folders.get(folder.id);
    if (planned) return planned;
    // Or may have had it make room itself.
    if (drafting.asideOf(source, folder.id) !== aside) return placeFolder(folder, parent);
    places.claim(folder.id, parent, choice);
    const at = { parent, name: choice.name };
    if (choice.meets?.kind === "folder") {
      // What is below may have come along, or have its counterparts wherever the old one is now.
      drafting.out().expand.push({ side, item: choice.meets.id });
      adopt(folder, choice.meets, "the folder is there already");
      return { id: choice.meets.id };
    }
    const after = [...afterOf(parent), ...choice.after, ...(aside ? [aside.step] : [])];
    const unit = unitOfSource(folder.id);
    if (choice.meets) after.push(setAside(unit, choice.meets, "a folder takes its name"));
    const path = targetPath(at);
    const step = add({
      do: "create-folder",
      path,
      bytes: 0,
      why: "the folder is new",
      unit,
      after,
      action: { type: "create-folder", source: folder.id, at },
    });
    pathOfStep.set(step, path);
    madeIn.set(step, parent);
    return { step };
  }

  /** A folder named by a path alone, as `as` asks for it. */
  function folderAt(item: ItemId, segments: readonly string[]): FolderRef {
    let ref = rootRef(item);
    let path = "";
    for (const segment of segments) {
      const name = alias(segment, names);
      path += `/${nameKey(name, names)}`;
      ref = paths.get(path) ?? folderNamed(item, ref, name);
      paths.set(path, ref);
    }
    return ref;
  }

  /** The folder of this name; where something else has the name, the next one: `name (2)`, ... */
  function folderNamed(item: ItemId, parent: FolderRef, wanted: string): FolderRef {
    for (let n = 1; ; n++) {
      const name = n === 1 ? wanted : numbered(wanted, n, names);
      const holders =
        "id" in parent
          ? tree.named(parent.id, name).filter((each) => sameName(each.name, name, names))
          : [];
      const found = holders.filter(({ kind }) => kind === "folder").sort(byAge)[0];
      if (found) return { id: found.id };
      const isFree = places.keep(parent, name) && holders.length === 0;
      if (!isFree && !names.duplicates) continue;
      const at = { parent, name };
      return makeFolder(item, at, targetPath(at), `"as" asks for it`);
    }
  }

  /**
   * Where two items of one folder want one name that this side gives only once, the elder gets it,
   * whichever was looked at first; a real file goes before an export of the same name.
   */
  function yieldToElders(item: Entry, wanted: string): void {
    if (!item.parent || names.duplicates) return;
    for (const other of sourceTree.named(item.parent, wanted)) {
      if (other.id === item.id || view.linkOf(source, other.id)) continue;
      const elder =
        item.kind === other.kind ? byAge(other, item) < 0 : rank(other.kind) < rank(item.kind);
      if (elder) decide({ side: source, item: other.id });
    }
  }

  function placeOfTarget(target: Entry): Target {
    const parent = { id: target.parent ?? root.folder };
    return placed.get(target.id) ?? { parent, name: target.name };
  }

  function conflictNameOf(target: Entry, at: Target): string {
    const modifiedAt = target.modifiedAt ?? target.createdAt ?? new Date(0);
    const facts = { label, at: modifiedAt, hash: contentTag(target) };
    const name = conflictName(at.name, facts, names);
    // The same version may have to give way again.
    const wanted = sameName(name, at.name, names) ? numbered(name, 2, names) : name;
    return places.setAside(target.id, at.parent, wanted);
  }

  function setAside(
    unit: ItemRef,
    target: Entry,
    why: string,
    after: readonly string[] = [],
  ): string {
    const at = placeOfTarget(target);
    const to = { ...at, name: conflictNameOf(target, at) };
    placed.set(target.id, to);
    const id = add({
      do: "conflict",
      path: targetPath(to),
      from: presentPath(target.id),
      bytes: 0,
      why,
      unit,
      after,
      action: { type: "set-aside", target: target.id, revision: target.revision, to },
    });
    // Who waits for the place that it has now waits for the first step alone.
    if (!leaving.has(target.id)) leaving.set(target.id, id);
    asides.set(target.id, { step: id, name: to.name });
    return id;
  }

  function giveWay(link: Link, target: Entry, why: string): ReturnType<Writer["giveWay"]> {
    const at = placeOfTarget(target);
    const to = { ...at, name: conflictNameOf(target, at) };
    placed.set(target.id, to);
    const id = nextId();
    const step: Planned = {
      id,
      do: "conflict",
      side,
      path: targetPath(to),
      from: presentPath(target.id),
      bytes: 0,
      why,
      unit: unitOf(link),
      after: [],
      action: { type: "move", target: target.id, to, detour: true },
    };
    drafting.add(step);
    leaving.set(target.id, id);
    return { step: id, name: to.name, after: step.after };
  }

  function bringHome(link: Link, target: Entry, leads?: true): string | null {
    const name = nameAtHome(target, link[source]);
    if (name === null) return null;
    return goHome(unitOf(link), target, name, (to) => ({
      type: "move",
      target: target.id,
      to,
      detour: true,
      ...(leads && { leads }),
    }));
  }

  function comeHome(unit: ItemRef, target: Entry): boolean {
    const name = nameAtHome(target, view.linkOf(side, target.id)?.[source]);
    if (name === null) return false;
    const { id, revision } = target;
    const step = goHome(unit, target, name, (to) => ({
      type: "set-aside",
      target: id,
      revision,
      to,
    }));
    leaving.set(id, step);
    homing.add(id);
    return true;
  }

  /** The name of which a passing one took the place; null where it has none, or nothing tells. */
  function nameAtHome(item: Entry, other: LinkEnd | undefined): string | null {
    if (!isOnDetour(item)) return null;
    return other && !isOnDetour(other) ? other.name : nameBefore(item);
  }

  function goHome(
    unit: ItemRef,
    target: Entry,
    wanted: string,
    actionTo: (to: Target) => Action,
  ): string {
    const { parent } = placeOfTarget(target);
    const to = { parent, name: places.setAside(target.id, parent, alias(wanted, names)) };
    placed.set(target.id, to);
    return add({
      do: "rename",
      path: targetPath(to),
      from: presentPath(target.id),
      bytes: 0,
      why: "a swap of names was cut off",
      unit,
      after: [],
      action: actionTo(to),
    });
  }

  function wantedName(item: Entry): string {
    const name = nameAtHome(item, view.linkOf(source, item.id)?.[side]) ?? item.name;
    const exportAs = exportOf(item, rule);
    return exportAs ? `${name}.${exportAs}` : name;
  }

  /** Folders and name that a file has by the rule's template, or by its place at the source. */
  function wantedPlace(item: Entry, path: readonly string[]): Wanted {
    const name = wantedName(item);
    if (!destination) {
      const parent = () => (item.parent ? counterpart(item.parent) : rootRef(item.id));
      return { parent, name };
    }
    const { modifiedAt, createdAt } = item;
    const rendered = destination({ path: [...path.slice(0, -1), name], modifiedAt, createdAt });
    if ("problem" in rendered) return rendered;
    const parent = () => folderAt(item.id, rendered.path.slice(0, -1));
    return { parent, name: rendered.path.at(-1) ?? name };
  }

  function placeOf(file: Entry, path: readonly string[]) {
    const wanted = wantedPlace(file, path);
    if ("problem" in wanted) {
      skip(file, path, wanted.problem);
      return null;
    }
    if (!destination) yieldToElders(file, wanted.name);
    const parent = wanted.parent();
    const choice = places.choose(file, parent, alias(wanted.name, names), null);
    places.claim(file.id, parent, choice);
    return { at: { parent, name: choice.name }, choice };
  }

  /** Whether the counterpart goes by the name that the base has for it: an alias, or a number, is kept for good. */
  function keepsName(item: Entry, link: Link): boolean {
    const { name } = link[side];
    if (destination || item.name !== link[source].name || isOnDetour(link[side])) return false;
    if (link.kind === "native") return true;
    return isOneName({ name, rules: names }, { name: item.name, rules: view[source].names });
  }

  function follow(item: Entry, link: Link, target: Entry, given?: string): string | null {
    const wanted = wantedPlace(item, scope.pathOf(source, item.id) ?? []);
    if ("problem" in wanted || !item.parent) return null;
    const name = given ?? (keepsName(item, link) ? link[side].name : alias(wanted.name, names));
    const id = leaving.get(target.id) ?? nextId();
    leaving.set(target.id, id);
    const holder = holderOf(item);
    if (holder) bound.set(target.id, holder);
    const step = moveTo(item, target, wanted.parent(), name, id, given !== undefined);
    if (!step) bound.delete(target.id);
    return step;
  }

  /** The counterpart of the nearest folder above a source item that has one: what lies between is made in that. */
  function holderOf(item: Entry): ItemId | null {
    const [, ...folders] = ancestry(sourceTree, item.id);
    for (const folder of folders) {
      const other = drafting.pairOf(source, folder);
      if (other !== null && tree.get(other)) return other;
    }
    return null;
  }

  /** A folder, or where one is to be made the nearest above it that is there. */
  function standingOf(folder: FolderRef): ItemId | null {
    let at: FolderRef | undefined = folder;
    while (at && "step" in at) at = madeIn.get(at.step);
    return at?.id ?? null;
  }

  /**
   * Whether a folder lies in an item by what is planned so far; what may leave from between the two is decided first.
   * Asked of each that is brought elsewhere, it keeps the tree that is planned a tree.
   */
  function liesWithin(item: ItemId, folder: FolderRef): boolean {
    const asked = new Set<ItemId>();
    for (;;) {
      const between = pathAfter(item, folder);
      const next = between?.find((id) => !asked.has(id));
      if (next === undefined) return between !== null;
      asked.add(next);
      if (view.linkOf(side, next)) decide({ side, item: next });
    }
  }

  /** The folders from one up to the item that holds it, by what is planned so far; null: it does not. */
  function pathAfter(item: ItemId, folder: FolderRef): ItemId[] | null {
    const path = new Set<ItemId>();
    for (let at = standingOf(folder); at !== null && !path.has(at); ) {
      if (at === item) return [...path];
      path.add(at);
      const moved = placed.get(at);
      if (moved) at = standingOf(moved.parent);
      // It goes to the trash, or is asked itself when its new folder is known.
      else if (leaving.has(at)) at = null;
      else at = tree.get(at)?.parent ?? null;
    }
    return null;
  }

  function moveTo(
    item: Entry,
    target: Entry,
    parent: FolderRef,
    wanted: string,
    id: string,
    detour: boolean,
  ): string | null {
    const stays = "id" in parent && parent.id === target.parent;
    // Inside itself it can only go once what lies between has left.
    const isInside = () => !stays && liesWithin(target.id, parent);
    const choice = isInside() ? null : places.choose(item, parent, wanted, target.id);
    // Who had to leave the name first may have gone into this very item.
    if (!choice || isInside()) {
      leaving.delete(target.id);
      skip(item, [item.name], "on the other side its new folder lies inside it");
      return null;
    }
    if (stays && choice.name === target.name) {
      leaving.delete(target.id);
      return null;
    }
    places.claim(item.id, parent, choice);
    const to = { parent, name: choice.name };
    placed.set(target.id, to);
    const waits = afterOf(parent).filter((step) => step !== id);
    const after = [...waits, ...choice.after];
    const unit = unitOfSource(item.id);
    if (choice.meets) after.push(setAside(unit, choice.meets, "another item has this name"));
    const step: Planned = {
      id,
      do: stays ? "rename" : "move",
      side,
      path: "",
      from: presentPath(target.id),
      bytes: 0,
      why: stays ? "it was renamed on the other side" : "it was moved on the other side",
      unit,
      after,
      action: { type: "move", target: target.id, to, detour, ...(detour && { leads: true }) },
    };
    drafting.add(step);
    // What holds its new place may be on its way too.
    drafting.atEnd(() => {
      step.path = targetPath(to);
      const first = target.kind === "folder" ? bringingOf(parent) : null;
      if (first && first !== id && !step.after.includes(first)) step.after.push(first);
    });
    return id;
  }

  function willHold(item: ItemId, folder: ItemId): boolean {
    let at: ItemId | null = folder;
    for (let depth = 0; at && depth < 1000; depth++) {
      if (at === item) return true;
      const moved: FolderRef | undefined = placed.get(at)?.parent;
      const known: ItemId | undefined = moved && "id" in moved ? moved.id : bound.get(at);
      at = known ?? tree.get(at)?.parent ?? null;
    }
    return false;
  }

  const sourceIfOther = (file: Entry, path: string) => {
    const from = sourcePath(file.id);
    return from === path ? {} : { from };
  };

  function upload(file: Entry, at: Target, after: readonly string[], why: string): void {
    const path = targetPath(at);
    add({
      do: "upload",
      path,
      ...sourceIfOther(file, path),
      bytes: file.sizeBytes ?? 0,
      why,
      unit: unitOfSource(file.id),
      after: [...afterOf(at.parent), ...after],
      action: {
        type: "upload",
        source: file.id,
        revision: file.revision,
        exportAs: exportOf(file, rule),
        at,
      },
    });
  }

  function update(file: Entry, target: Entry, after: readonly string[], why: string): void {
    if (!target.revision) throw new Error(`file ${target.id} has no revision`);
    const path = pathOf(target.id);
    // Of two requests for one item side by side, the answer that comes last need not be the newer one.
    const leave = leaving.get(target.id);
    add({
      do: "update",
      path,
      ...sourceIfOther(file, path),
      bytes: file.sizeBytes ?? 0,
      why,
      unit: unitOfSource(file.id),
      after: [...new Set([...after, ...(leave === undefined ? [] : [leave])])],
      action: {
        type: "update",
        source: file.id,
        revision: file.revision,
        exportAs: exportOf(file, rule),
        target: target.id,
        targetRevision: target.revision,
      },
    });
  }

  function simple(
    verb: Step["do"],
    item: Entry,
    path: string,
    why: string,
    action: Action,
  ): string {
    const unit = unitOfSource(item.id);
    return add({ do: verb, path, bytes: 0, why, unit, after: [], action });
  }

  function adopt(file: Entry, target: Entry, why: string, diverged = false): void {
    if (target.kind === "folder") drafting.pair(source, file.id, target.id);
    const step = simple(diverged ? "conflict" : "link", file, pathOf(target.id), why, {
      type: "link",
      source: file.id,
      target: target.id,
      diverged,
    });
    if (target.kind === "folder") adopted.set(target.id, step);
  }

  function skip(file: Entry, path: readonly string[], why: string): void {
    simple("skip", file, path.join("/"), why, { type: "skip" });
  }

  function refuse(item: Entry, path: readonly string[], why: string): void {
    simple("skip", item, path.join("/"), why, { type: "skip", isRefused: true });
  }

  return {
    side,
    places,
    leaving,
    counterpart,
    placeOf,
    placeOfTarget,
    follow,
    willHold,
    upload,
    update,
    setAside,
    claim: ({ id }, { parent, name }) =>
      places.claim(id, parent, { name, after: [], meets: null, orphan: null }),
    isPlaced: (folder) => folders.has(folder),
    giveWay,
    bringHome,
    comeHome,
    asideOf: (item) => asides.get(item) ?? null,
    isComingHome: (item) => homing.has(item),
    reserve(target) {
      const id = nextId();
      leaving.set(target, id);
      return id;
    },
    release: (target) => void leaving.delete(target),
    trash(id, unit, target, { holds, files }, why) {
      const { revision } = target;
      const step: Planned = {
        id,
        do: "trash",
        side,
        path: presentPath(target.id),
        bytes: 0,
        why,
        unit,
        after: [],
        action: { type: "trash", target: target.id, revision, holds, files },
      };
      drafting.add(step);
      return step.after;
    },
    adopt,
    compare(file, target) {
      simple("link", file, pathOf(target.id), "same size; read once to compare", {
        type: "compare",
        source: file.id,
        target: target.id,
      });
    },
    review(file, target, why) {
      simple("conflict", file, pathOf(target.id), why, {
        type: "review",
        source: file.id,
        target: target.id,
      });
    },
    skip,
    refuse,
  };
}

type Wanted =
  | { readonly parent: () => FolderRef; readonly name: string }
  | { readonly problem: string };

const rank = (kind: Entry["kind"]) => ["folder", "file", "native"].indexOf(kind);
