import { plainNames } from "../../providers/memory/names.ts";
import { createDestination } from "../../src/core/destination.ts";
import type { ItemId, Place } from "../../src/core/entry.ts";
import { alias, foldName } from "../../src/core/names.ts";
import type { Operation } from "../engine/scenario.ts";
import type { Clouds } from "./draw.ts";
import { kinds } from "./kinds.ts";
import { base, inScope, scopeOf } from "./scope.ts";
import type { Script } from "./script.ts";

/** What people did and what there ever was: what the end of a story is judged by. */
export interface Chronicle {
  /** Source items that were in the rule's scope once and at another time not. */
  readonly left: ReadonlySet<ItemId>;
  /** Files of the source that ever had this content while they were in scope. */
  origins(text: string): ReadonlySet<ItemId>;
  /** Whether any file of the source, in scope or not, ever had this content. */
  wasAtSource(text: string): boolean;
  /**
   * Where the rule ever wanted the item, or seemed to, as names joined by `/`: where its folders had been before,
   * while their feed tells nothing of where they went.
   */
  wanted(id: ItemId): ReadonlySet<string>;
  /**
   * Whether two items of one folder ever wanted this name, or seemed to, so that one of them has a number. An
   * item seems to while its feed tells nothing of where it went: a number that was given then stays.
   */
  wasShared(name: string): boolean;
  /** Files of the destination that people made, with where they put them, the last place last. */
  readonly own: ReadonlyMap<ItemId, readonly Place[]>;
  /**
   * Copies that people brought back when all that they could be copies of was gone, too, or had got another copy since:
   * theirs from then on.
   */
  readonly restored: ReadonlySet<ItemId>;
  /** Places in the history of a destination's file of what people, not the engine, wrote. */
  written(id: ItemId): readonly number[];
  /** After each thing that a person did; without one, of the world as it is at first. */
  note(operation?: Operation, id?: ItemId): void;
  /** At once when the engine had an effect on a file of the destination. */
  noteEffect(id: ItemId): void;
}

export function createChronicle(script: Script, clouds: Clouds, now: () => number): Chronicle {
  const left = new Set<ItemId>();
  const ever = new Set<ItemId>();
  const origins = new Map<string, Set<ItemId>>();
  const sourceTexts = new Set<string>();
  const wanted = new Map<ItemId, Set<string>>();
  const shared = new Set<string>();
  const wanting = new Map<string, Set<ItemId>>();
  const isMisled = script.epochs.some(({ trouble }) =>
    trouble.some((each) => "feed" in each && each.side === "from"),
  );
  const destination = createDestination(script.rule.as);
  /** Where folders of the source were, or seemed to be. */
  const stood = new Map<ItemId, Set<string>>();
  const own = new Map<ItemId, Place[]>();
  const restored = new Set<ItemId>();
  /** What each file of the engine's is a copy of, in the order in which they were made; null: it could be several. */
  const madeFor = new Map<ItemId, ItemId | null>();
  const written = new Map<ItemId, number[]>();

  function noteSource(): void {
    const scope = scopeOf(clouds.from, script.rule, now());
    noteNames();
    if (isMisled) noteSeeming();
    for (const [id, { path }] of scope) {
      ever.add(id);
      setOf(wanted, id).add(path.join("/"));
    }
    for (const id of ever) if (!scope.has(id)) left.add(id);
    for (const { entry } of clouds.from.entries()) {
      if (entry.kind !== "file") continue;
      const text = textOf(clouds.from, entry.id);
      sourceTexts.add(text);
      if (scope.has(entry.id)) setOf(origins, text).add(entry.id);
    }
  }

  function noteNames(): void {
    const names = new Set<string>();
    for (const [id, { entry, path }] of scopeOf(clouds.from, script.rule, now(), true)) {
      const name = unnumbered(path.at(-1) ?? "", script);
      const folder = script.rule.as === null ? entry.parent : path.slice(0, -1).join("/");
      const place = `${folder}\0${name}`;
      if (names.has(place) || (isMisled && isHaunted(place, id))) shared.add(name);
      names.add(place);
      setOf(wanting, place).add(id);
    }
  }

  function noteSeeming(): void {
    for (const [id, { entry, path }] of inScope(clouds.from, base.from, script.rule, now(), true)) {
      const above = (entry.parent && stood.get(entry.parent)) || [];
      const places = [...above].map((folder) => `${folder}/${path.at(-1)}`);
      if (entry.kind === "folder") {
        for (const place of [path.join("/"), ...places]) setOf(stood, id).add(place);
        continue;
      }
      for (const place of places) {
        const placed = destination({ path: place.split("/"), ...entry });
        if ("path" in placed) setOf(wanted, id).add(placed.path.join("/"));
      }
    }
  }

  /** Whether another item wanted a place before. */
  const isHaunted = (place: string, id: ItemId): boolean =>
    [...setOf(wanting, place)].some((other) => other !== id);

  function noteDestination(act: string, id: ItemId): void {
    const entry = clouds.to.look(id);
    const versions = clouds.to.history(id).length;
    if (act === "put" || act === "another") {
      written.set(id, [...(written.get(id) ?? []), versions - 1]);
      if (entry?.parent && versions === 1)
        own.set(id, [{ parent: entry.parent, name: entry.name }]);
    } else if (entry?.parent) {
      own.get(id)?.push({ parent: entry.parent, name: entry.name });
    }
  }

  function noteRestored(id: ItemId): void {
    const path = clouds.to.entries().find(({ entry }) => entry.id === id)?.path;
    for (const { path: at, entry } of clouds.to.entries()) {
      if (entry.kind !== "file" || !`${at}/`.startsWith(`${path}/`)) continue;
      const sources = liveOrigins(textOf(clouds.to, entry.id));
      if (sources.every((source) => hasLaterCopy(source, entry.id))) restored.add(entry.id);
    }
  }

  const liveOrigins = (text: string): ItemId[] =>
    [...(origins.get(text) ?? [])].filter((id) => clouds.from.look(id) !== null);

  /** A source has one copy: made anew, that is it. Of files that several could have been made for, none counts. */
  function hasLaterCopy(source: ItemId, copy: ItemId): boolean {
    const makers = [...madeFor];
    const at = makers.findIndex(([id]) => id === copy);
    return at >= 0 && makers.slice(at + 1).some(([, maker]) => maker === source);
  }

  return {
    left,
    origins: (text) => origins.get(text) ?? new Set(),
    wasAtSource: (text) => sourceTexts.has(text),
    wanted: (id) => wanted.get(id) ?? new Set(),
    wasShared: (name) => shared.has(unnumbered(name, script)),
    own,
    restored,
    written: (id) => written.get(id) ?? [],
    note(operation, id) {
      if (script.mode !== "copy") return;
      noteSource();
      if (operation?.[0] !== "to" || !id) return;
      noteDestination(operation[1], id);
      if (operation[1] === "restore") noteRestored(id);
    },
    noteEffect(id) {
      if (script.mode !== "copy" || madeFor.has(id) || clouds.to.look(id)?.kind !== "file") return;
      const [source, another] = liveOrigins(textOf(clouds.to, id));
      madeFor.set(id, source && !another ? source : null);
    },
  };
}

/** Of a file's present content. */
export function textOf(cloud: Clouds["from"], id: ItemId): string {
  return new TextDecoder().decode(cloud.read(id));
}

/** What a name has in common with the names that it may get where it is taken. */
function unnumbered(name: string, script: Script): string {
  const rules = rulesOf(script.to);
  return foldName(alias(name, rules)).replaceAll(/ \(\d+\)/g, "");
}

export function rulesOf(kind: Script["to"]) {
  const options = kinds[kind];
  return "rules" in options ? options.rules : plainNames;
}

function setOf<Key, Value>(map: Map<Key, Set<Value>>, key: Key): Set<Value> {
  const found = map.get(key) ?? new Set<Value>();
  map.set(key, found);
  return found;
}
