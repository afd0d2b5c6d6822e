import { compareContent, contentState, contentTag } from "./content.ts";
import { createDestination } from "./destination.ts";
import { breakCycles, isOnDetour, type Planned } from "./detour.ts";
import type { Entry, ItemId } from "./entry.ts";
import { createMatcher } from "./match.ts";
import { alias, conflictName, nameKey, numbered, sameName } from "./names.ts";
import { exportOf, nativeReason, sameExport } from "./native.ts";
import { type Choice, createPlaces } from "./places.ts";
import type { Action, DirtyItem, FolderRef, Link, Plan, PlanView, Step, Target } from "./plan.ts";
import type { Rule } from "./rule.ts";
import { ancestry, byAge, isWithin, pathBelow } from "./scope.ts";

/** When a plan is made. */
export interface PlanTime {
  readonly nowMs: number;
  /** Files that changed less than this ago are left alone; 0 where a person or a schedule asked. */
  readonly quietMs: number;
  /** When the item's content or place was last seen to change. */
  changedAtMs(item: ItemId): number;
}

export interface Planner {
  /** May be called again with further items; later plans know the steps of earlier ones. */
  plan(dirty: Iterable<DirtyItem>): Plan;
}

/**
 * Decides for `copy` what brings the destination in step: it adds and updates there, follows renames
 * and moves, and never removes. Pure: the same rule, trees, links and time give the same plan, and the
 * order of `dirty` does not matter for where things end.
 *
 * Invariants:
 * - An item is looked at once a plan; all its steps name it, so that it is settled when they are done.
 * - A step that overwrites names the revision it was planned against.
 * - A name is taken only when nobody holds it, or after the step that frees it.
 * - Content and place are decided apart: a renamed and edited file is a move and an update.
 */
export function createPlanner(rule: Rule, view: PlanView, time: PlanTime): Planner {
  const matcher = createMatcher(rule);
  const destination = rule.as === null ? null : createDestination(rule.as);
  const placeless = rule.include.length === 0 && rule.exclude.length === 0 && rule.as === null;

  const seen = new Set<ItemId>();
  /** Items that this or an earlier plan has steps for, or deferred. */
  const busy = new Set<ItemId>();
  const folders = new Map<ItemId, FolderRef>();
  const paths = new Map<string, FolderRef>();
  /** Counterparts that leave their place in this plan, by the step that moves them. */
  const leaving = new Map<ItemId, string>();
  /** Where counterparts will be that move in this plan. */
  const placed = new Map<ItemId, Target>();
  const pathOfStep = new Map<string, string>();
  let count = 0;
  let out = emptyPlan();

  // What a template sends to one place are different files: even where names may repeat they get numbers.
  const toNames = destination ? { ...view.toNames, duplicates: false } : view.toNames;
  const places = createPlaces(
    { ...view, toNames },
    {
      vacates(link) {
        decide(link.fromId);
        return leaving.get(link.toId) ?? null;
      },
      isWanted: ({ fromId }) => isInScope(fromId),
    },
  );

  const nextId = () => `s${++count}`;
  const sourcePath = (id: ItemId) => (pathBelow(view.from, view.fromRoot, id) ?? []).join("/");

  function targetPath(at: Target, through: readonly ItemId[] = []): string {
    const folder =
      "id" in at.parent ? pathOf(at.parent.id, through) : pathOfStep.get(at.parent.step);
    return folder ? `${folder}/${at.name}` : at.name;
  }

  /** Relative to the destination, as it is now. */
  const presentPath = (id: ItemId) => (pathBelow(view.to, view.toRoot.folder, id) ?? []).join("/");

  /** Relative to the destination, as it will be. */
  function pathOf(id: ItemId, through: readonly ItemId[] = []): string {
    // A folder that goes into one that has to leave it first, and is yet to be planned.
    if (through.includes(id)) return presentPath(id);
    const moved = placed.get(id);
    if (moved) return targetPath(moved, [...through, id]);
    const entry = view.to.get(id);
    if (id === view.toRoot.folder || !entry?.parent) return "";
    return targetPath({ parent: { id: entry.parent }, name: entry.name }, [...through, id]);
  }

  /** The steps that must have made the folder, or brought it and what holds it to its place. */
  function afterOf(parent: FolderRef): string[] {
    if ("step" in parent) return [parent.step];
    const steps: string[] = [];
    for (const id of ancestry(view.to, parent.id)) {
      const step = leaving.get(id);
      if (step) steps.push(step);
    }
    return steps;
  }

  /** The counterpart, unless it is gone or was taken out of the rule's destination. */
  function counterpartOf(link: Link): Entry | null {
    const inside =
      view.toRoot.missing.length === 0 && isWithin(view.to, view.toRoot.folder, link.toId);
    return inside ? view.to.get(link.toId) : null;
  }

  function add(
    step: Omit<Step, "id" | "side" | "after"> & { id?: string; after: readonly string[] },
  ) {
    const added = { ...step, id: step.id ?? nextId(), side: "to" as const, after: [...step.after] };
    out.steps.push(added);
    return added;
  }

  /** The destination's folder itself, made where it does not exist yet. */
  function rootRef(item: ItemId): FolderRef {
    let ref: FolderRef = { id: view.toRoot.folder };
    for (const [depth, name] of view.toRoot.missing.entries()) {
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
      item,
      after: afterOf(at.parent),
      action: { type: "create-folder", linked: false, at },
    });
    pathOfStep.set(step.id, path);
    return { step: step.id };
  }

  /** The counterpart of a source folder: linked, adopted by its name, or made. */
  function counterpart(id: ItemId): FolderRef {
    if (id === view.fromRoot) return rootRef(id);
    const known = folders.get(id);
    if (known) return known;
    const folder = view.from.get(id);
    if (!folder?.parent) throw new Error(`folder ${id} is outside the rule's location`);
    const link = view.linkByFrom(id);
    if (link && counterpartOf(link)) {
      // Set before deciding: its own move may lead back here through the folder that stands in its way.
      folders.set(id, { id: link.toId });
      decide(id);
      return { id: link.toId };
    }
    const parent = counterpart(folder.parent);
    const made = folders.get(id) ?? placeFolder(folder, parent);
    folders.set(id, made);
    return made;
  }

  function placeFolder(folder: Entry, parent: FolderRef): FolderRef {
    yieldToElders(folder, folder.name);
    const choice = places.choose(folder, parent, alias(folder.name, view.toNames), null);
    // Whatever has to leave the name first may be going into this very folder, and have it planned by now.
    const planned = folders.get(folder.id);
    if (planned) return planned;
    places.claim(folder.id, parent, choice);
    const at = { parent, name: choice.name };
    if (choice.meets?.kind === "folder") {
      add({
        do: "link",
        path: targetPath(at),
        bytes: 0,
        why: "the folder is there already",
        item: folder.id,
        after: [],
        action: { type: "link", target: choice.meets.id, diverged: false },
      });
      return { id: choice.meets.id };
    }
    const after = [...afterOf(parent), ...choice.after];
    if (choice.meets) after.push(setAside(folder.id, choice.meets, "a folder takes its name"));
    const step = add({
      do: "create-folder",
      path: targetPath(at),
      bytes: 0,
      why: "the folder is new",
      item: folder.id,
      after,
      action: { type: "create-folder", linked: true, at },
    });
    pathOfStep.set(step.id, step.path);
    return { step: step.id };
  }

  /** A folder named by a path of the destination alone, as `as` asks for it. */
  function folderAt(item: ItemId, segments: readonly string[]): FolderRef {
    let ref = rootRef(item);
    let path = "";
    for (const segment of segments) {
      const name = alias(segment, view.toNames);
      path += `/${nameKey(name, view.toNames)}`;
      ref = paths.get(path) ?? folderNamed(item, ref, name);
      paths.set(path, ref);
    }
    return ref;
  }

  /** The folder of this name; where something else has the name, the next one: `name (2)`, ... */
  function folderNamed(item: ItemId, parent: FolderRef, wanted: string): FolderRef {
    for (let n = 1; ; n++) {
      const name = n === 1 ? wanted : numbered(wanted, n, view.toNames);
      const holders =
        "id" in parent
          ? view.to.named(parent.id, name).filter((e) => sameName(e.name, name, view.toNames))
          : [];
      const found = holders.filter(({ kind }) => kind === "folder").sort(byAge)[0];
      if (found) return { id: found.id };
      if (holders.length > 0 && !view.toNames.duplicates) continue;
      const at = { parent, name };
      return makeFolder(item, at, targetPath(at), `"as" asks for it`);
    }
  }

  /**
   * Where two items of one folder want one name that the destination gives only once, the elder gets it,
   * whichever was looked at first; a real file goes before an export of the same name.
   */
  function yieldToElders(item: Entry, wanted: string): void {
    if (!item.parent || view.toNames.duplicates) return;
    for (const other of view.from.named(item.parent, wanted)) {
      if (other.id === item.id || view.linkByFrom(other.id)) continue;
      const elder =
        item.kind === other.kind ? byAge(other, item) < 0 : rank(other.kind) < rank(item.kind);
      if (elder) decide(other.id);
    }
  }

  /** Where an item of the destination is when the steps that were planned for it are done. */
  function placeOfCopy(target: Entry): Target {
    const parent = { id: target.parent ?? view.toRoot.folder };
    return placed.get(target.id) ?? { parent, name: target.name };
  }

  /** `target` makes room; the name tells where it comes from and is the same at every attempt. */
  function setAside(
    item: ItemId,
    target: Entry,
    why: string,
    after: readonly string[] = [],
  ): string {
    const at = placeOfCopy(target);
    const modifiedAt = target.modifiedAt ?? target.createdAt ?? new Date(0);
    const facts = { label: view.toLabel, at: modifiedAt, hash: contentTag(target) };
    const wanted = conflictName(at.name, facts, view.toNames);
    const name = places.setAside(target.id, at.parent, wanted);
    const to = { ...at, name };
    return add({
      do: "conflict",
      path: targetPath(to),
      from: presentPath(target.id),
      bytes: 0,
      why,
      item,
      after,
      action: { type: "set-aside", target: target.id, revision: target.revision, to },
    }).id;
  }

  function decide(id: ItemId): void {
    if (seen.has(id)) return;
    const entry = view.from.get(id);
    if (entry) decideHolder(entry);
    // What makes room for its holder may have been this very item.
    if (seen.has(id)) return;
    seen.add(id);
    const path = entry && pathBelow(view.from, view.fromRoot, id);
    // Gone or moved out of the location: `copy` leaves what it made.
    if (!entry || !path || path.length === 0) return leave(id);
    if (entry.kind === "folder") decideFolder(entry, path);
    else decideFile(entry, path);
  }

  /** The folder that holds the item goes first, so that every path is told as it will be. */
  function decideHolder({ parent }: Entry): void {
    const link = parent && view.linkByFrom(parent);
    if (link) decide(link.fromId);
  }

  function isInScope(id: ItemId): boolean {
    const entry = view.from.get(id);
    const path = entry && pathBelow(view.from, view.fromRoot, id);
    if (!entry || !path) return false;
    if (entry.kind === "folder") return matcher.folder(path) !== "out";
    const verdict = matcher.file(path, entry, time.nowMs);
    return verdict.in || verdict.eligibleAtMs !== undefined;
  }

  /** Whatever changes below a folder while it is out of scope is looked at when it comes back. */
  function leave(id: ItemId): void {
    const link = view.linkByFrom(id);
    if (link?.kind !== "folder" || link.fromParent === null) return;
    out.refreshed.push({ ...link, fromParent: null });
  }

  function decideFolder(folder: Entry, path: string[]): void {
    const verdict = matcher.folder(path);
    if (verdict === "out") return leave(folder.id);
    const link = view.linkByFrom(folder.id);
    const isBack = link?.fromParent === null;
    // What is below a folder that appears, or whose path the filters look at, may enter the scope with it.
    if (!link || isBack || (!placeless && isMoved(folder, link))) out.expand.push(folder.id);
    if (link) {
      const target = counterpartOf(link);
      if (target) follow(folder, link, target);
      else if (isMoved(folder, link)) stay(folder, link);
    } else if (verdict === "in" && destination === null) {
      counterpart(folder.id);
    }
  }

  function decideFile(file: Entry, path: string[]): void {
    const exportAs = exportOf(file, rule);
    if (file.kind === "native" && !exportAs) return skip(file, path, nativeReason(file, rule));
    const facts = { sizeBytes: file.sizeBytes, modifiedAt: file.modifiedAt };
    const verdict = matcher.file(path, facts, time.nowMs);
    if (!verdict.in) {
      if (verdict.eligibleAtMs !== undefined) defer(file, verdict.eligibleAtMs, verdict.because);
      return;
    }
    const restsUntil = time.changedAtMs(file.id) + time.quietMs;
    if (time.quietMs > 0 && restsUntil > time.nowMs) {
      return defer(file, restsUntil, `changed less than ${time.quietMs / 1000} s ago`);
    }
    const link = view.linkByFrom(file.id);
    const target = link && counterpartOf(link);
    if (link && target) decideLinked(file, path, link, target, exportAs);
    // The copy was removed at the destination: only new content brings it back.
    else if (!link || contentState(file, { ...link, revision: link.fromRevision }) !== "unchanged")
      decideNew(file, path, exportAs);
  }

  function decideLinked(
    file: Entry,
    path: string[],
    link: Link,
    target: Entry,
    exportAs: string | null,
  ): void {
    const moved = follow(file, link, target);
    const state = contentState(file, { ...link, revision: link.fromRevision });
    const targetState = contentState(target, { ...link, revision: link.toRevision });
    if (state === "unchanged") {
      if (!moved) refresh(file, link, target, targetState === "unchanged");
      return;
    }
    if (target.kind !== "file" || !target.revision) {
      return skip(file, [file.name], "its copy is no longer a file");
    }
    const known = compareContent(file, target);
    if (file.kind === "file" && known === "same")
      return adopt(file, target, "both sides hold the same");
    const after = moved ? [moved] : [];
    const comparable = file.kind === "file" && known === "unknown";
    if (comparable && link.fromRevision === null) return compare(file, target);
    if (state === "edited" && targetState === "unchanged") {
      return update(file, target, exportAs, after, "the source changed");
    }
    if (comparable || state === "unknown" || targetState === "unknown") {
      return compare(file, target);
    }
    // A copy that a person moved and edited is theirs, and in nobody's way.
    if (isElsewhere(target, link) && keepsBoth(policyOf(file, target))) {
      return decideNew(file, path, exportAs);
    }
    meet(file, target, placeOfCopy(target), exportAs, after, "both sides changed");
  }

  function decideNew(file: Entry, path: string[], exportAs: string | null): void {
    const place = placeOf(file, path, exportAs);
    if (!place) return;
    const { at, choice } = place;
    const { meets, orphan } = choice;
    if (!meets) return upload(file, at, exportAs, [...choice.after, ...afterOf(at.parent)], "new");
    if (meets.kind !== "file") {
      const aside = setAside(file.id, meets, "a file takes the name of a folder that is gone");
      return upload(file, at, exportAs, [aside], "new");
    }
    const known = file.kind === "native" ? sameExport(file, meets) : compareContent(file, meets);
    if (known === "same") return adopt(file, meets, "the same file is there already");
    if (known === "unknown" && file.kind === "file" && file.sizeBytes === meets.sizeBytes) {
      return compare(file, meets);
    }
    if (orphan && contentState(meets, { ...orphan, revision: orphan.toRevision }) === "unchanged") {
      return update(file, meets, exportAs, [], "the source was replaced");
    }
    meet(file, meets, at, exportAs, [], "another file has this name");
  }

  function placeOf(
    file: Entry,
    path: string[],
    exportAs: string | null,
  ): { at: Target; choice: Choice } | null {
    const name = exportAs ? `${file.name}.${exportAs}` : file.name;
    let parent: FolderRef;
    let wanted = name;
    if (destination) {
      const rendered = destination({
        path: [...path.slice(0, -1), name],
        modifiedAt: file.modifiedAt,
        createdAt: file.createdAt,
      });
      if ("problem" in rendered) {
        skip(file, path, rendered.problem);
        return null;
      }
      wanted = rendered.path.at(-1) ?? name;
      parent = folderAt(file.id, rendered.path.slice(0, -1));
    } else {
      yieldToElders(file, name);
      parent = file.parent ? counterpart(file.parent) : rootRef(file.id);
    }
    const choice = places.choose(file, parent, alias(wanted, view.toNames), null);
    places.claim(file.id, parent, choice);
    return { at: { parent, name: choice.name }, choice };
  }

  const policyOf = (file: Entry, target: Entry) =>
    rule.conflict === "newest" ? newer(file, target) : rule.conflict;

  /** Two different contents want one name; `conflict` decides, and no bytes are lost whatever it says. */
  function meet(
    file: Entry,
    target: Entry,
    at: Target,
    exportAs: string | null,
    after: readonly string[],
    why: string,
  ): void {
    const policy = policyOf(file, target);
    if (policy === "to") {
      add({
        do: "conflict",
        path: targetPath(at),
        bytes: 0,
        why: `${why}; "conflict: ${rule.conflict}" keeps the destination's`,
        item: file.id,
        after,
        action: { type: "link", target: target.id, diverged: true },
      });
    } else if (policy === "from") {
      update(
        file,
        target,
        exportAs,
        after,
        `${why}; "conflict: ${rule.conflict}" takes the source's`,
      );
    } else {
      const aside = setAside(file.id, target, `${why}; both are kept`, after);
      upload(file, at, exportAs, [...after, aside], why);
    }
  }

  /** The step by which the counterpart follows its source's place; null when it stays. */
  function follow(item: Entry, link: Link, target: Entry): string | null {
    if (!isMoved(item, link) && !isAstray(item, link) && !isOnDetour(link)) return null;
    const step = destination ? followPath(item, link, target) : followFolder(item, link, target);
    if (!step) stay(item, link);
    return step;
  }

  /** The source has moved, and nothing follows. */
  function stay(item: Entry, link: Link): void {
    out.refreshed.push({ ...link, fromParent: item.parent, fromName: item.name });
  }

  /** Whether the folder of the source has got another counterpart than the one that holds the copy. */
  function isAstray(item: Entry, link: Link): boolean {
    if (destination || !item.parent) return false;
    const holder =
      item.parent === view.fromRoot ? view.toRoot.folder : view.linkByFrom(item.parent)?.toId;
    return holder !== link.toParent;
  }

  function followFolder(item: Entry, link: Link, target: Entry): string | null {
    // A person moved the copy: it keeps the place they gave it.
    if (isElsewhere(target, link)) return null;
    if (!item.parent) return null;
    const keepsName = item.name === link.fromName && !isOnDetour(link);
    const wanted = keepsName ? link.toName : wantedName(item);
    const id = nextId();
    leaving.set(target.id, id);
    const parent = counterpart(item.parent);
    return moveTo(item, target, parent, wanted, id);
  }

  function followPath(item: Entry, link: Link, target: Entry): string | null {
    if (isElsewhere(target, link)) return null;
    const path = pathBelow(view.from, view.fromRoot, item.id);
    const rendered = destination?.({
      path: [...(path ?? []).slice(0, -1), wantedName(item)],
      modifiedAt: item.modifiedAt,
      createdAt: item.createdAt,
    });
    if (!rendered || "problem" in rendered) return null;
    const id = nextId();
    leaving.set(target.id, id);
    const parent = folderAt(item.id, rendered.path.slice(0, -1));
    return moveTo(item, target, parent, alias(rendered.path.at(-1) ?? item.name, view.toNames), id);
  }

  function wantedName(item: Entry): string {
    const exportAs = exportOf(item, rule);
    return alias(exportAs ? `${item.name}.${exportAs}` : item.name, view.toNames);
  }

  function moveTo(
    item: Entry,
    target: Entry,
    parent: FolderRef,
    wanted: string,
    id: string,
  ): string | null {
    const stays = "id" in parent && parent.id === target.parent;
    const waits = afterOf(parent).filter((step) => step !== id);
    // Inside itself it can only go once what lies between has left.
    if ("id" in parent && waits.length === 0 && isWithin(view.to, target.id, parent.id)) {
      leaving.delete(target.id);
      skip(item, [item.name], "at the destination its new folder lies inside it");
      return null;
    }
    const choice = places.choose(item, parent, wanted, target.id);
    if (stays && choice.name === target.name) {
      leaving.delete(target.id);
      return null;
    }
    places.claim(item.id, parent, choice);
    const to = { parent, name: choice.name };
    placed.set(target.id, to);
    const after = [...waits, ...choice.after];
    if (choice.meets) after.push(setAside(item.id, choice.meets, "another item has this name"));
    add({
      id,
      do: stays ? "rename" : "move",
      path: targetPath(to),
      from: presentPath(target.id),
      bytes: 0,
      why: stays ? "the source was renamed" : "the source was moved",
      item: item.id,
      after,
      action: { type: "move", target: target.id, to, detour: false },
    });
    return id;
  }

  function upload(
    file: Entry,
    at: Target,
    exportAs: string | null,
    after: readonly string[],
    why: string,
  ): void {
    const path = targetPath(at);
    add({
      do: "upload",
      path,
      ...sourceIfOther(file, path),
      bytes: file.sizeBytes ?? 0,
      why,
      item: file.id,
      after,
      action: { type: "upload", revision: file.revision, exportAs, at },
    });
  }

  function update(
    file: Entry,
    target: Entry,
    exportAs: string | null,
    after: readonly string[],
    why: string,
  ): void {
    if (!target.revision) throw new Error(`file ${target.id} of the destination has no revision`);
    const path = pathOf(target.id);
    add({
      do: "update",
      path,
      ...sourceIfOther(file, path),
      bytes: file.sizeBytes ?? 0,
      why,
      item: file.id,
      after,
      action: {
        type: "update",
        revision: file.revision,
        exportAs,
        target: target.id,
        targetRevision: target.revision,
      },
    });
  }

  const sourceIfOther = (file: Entry, path: string) => {
    const source = sourcePath(file.id);
    return source === path ? {} : { from: source };
  };

  const adopt = (file: Entry, target: Entry, why: string) =>
    simple("link", file, pathOf(target.id), why, {
      type: "link",
      target: target.id,
      diverged: false,
    });

  const compare = (file: Entry, target: Entry) =>
    simple("link", file, pathOf(target.id), "same size; read once to compare", {
      type: "compare",
      target: target.id,
    });

  const skip = (file: Entry, path: string[], why: string) =>
    simple("skip", file, path.join("/"), why, { type: "skip" });

  function simple(
    verb: "link" | "skip",
    file: Entry,
    path: string,
    why: string,
    action: Action,
  ): void {
    add({ do: verb, path, bytes: 0, why, item: file.id, after: [], action });
  }

  function defer(file: Entry, dueAtMs: number, because: string): void {
    out.deferred.push({ side: "from", item: file.id, dueAtMs, because });
  }

  /** The base follows new revisions of the same bytes, so that they need not be compared again. */
  function refresh(file: Entry, link: Link, target: Entry, targetUnchanged: boolean): void {
    const toRevision = targetUnchanged ? target.revision : link.toRevision;
    if (file.revision === link.fromRevision && toRevision === link.toRevision) return;
    out.refreshed.push({ ...link, fromRevision: file.revision, toRevision });
  }

  return {
    plan(dirty) {
      out = emptyPlan();
      for (const item of dirty) {
        const source = item.side === "from" ? item.item : view.linkByTo(item.item)?.fromId;
        if (source) decide(source);
        out.settled.push(item);
      }
      breakCycles(out.steps, view.to, nextId);
      for (const { item } of [...out.steps, ...out.deferred]) busy.add(item);
      out.settled = out.settled.filter(({ side, item }) => side === "to" || !busy.has(item));
      return out;
    },
  };
}

interface Draft {
  steps: Planned[];
  settled: DirtyItem[];
  deferred: (DirtyItem & { dueAtMs: number; because: string })[];
  refreshed: Link[];
  expand: ItemId[];
}

const emptyPlan = (): Draft => ({
  steps: [],
  settled: [],
  deferred: [],
  refreshed: [],
  expand: [],
});

const rank = (kind: Entry["kind"]) => ["folder", "file", "native"].indexOf(kind);
const isMoved = (item: Entry, link: Link) =>
  item.parent !== link.fromParent || item.name !== link.fromName;

/** Whether the counterpart is no longer where the rule put it. */
const isElsewhere = (target: Entry, link: Link) =>
  target.parent !== link.toParent || target.name !== link.toName;

const keepsBoth = (policy: Rule["conflict"]) => policy !== "from" && policy !== "to";

/** Which side `newest` chooses; undecidable times keep both. */
function newer(file: Entry, target: Entry): "from" | "to" | "keep-both" {
  const a = file.modifiedAt?.getTime();
  const b = target.modifiedAt?.getTime();
  if (a === undefined || b === undefined || a === b) return "keep-both";
  return a > b ? "from" : "to";
}
