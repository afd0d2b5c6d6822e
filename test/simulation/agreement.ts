import type { MemoryCloud } from "../../providers/memory/cloud.ts";
import { alias, foldName } from "../../src/core/names.ts";
import { otherSide, type Side, sides } from "../../src/core/plan.ts";
import { rulesOf, textOf } from "./chronicle.ts";
import { base, inScope } from "./scope.ts";
import type { Stage } from "./stage.ts";

/** Where the two sides are not what the mode makes of them, one line each; nothing of what the state says is believed. */
export function disagreements(stage: Stage): string[] {
  const { mode, rule } = stage.script;
  const [from, to] = [shapeOf(stage, "from"), shapeOf(stage, "to")];
  const missing = (shape: Shape, other: Shape, side: Side) =>
    [...shape]
      .filter(([key, { count }]) => count > (other.get(key)?.count ?? 0))
      .map(([, { what }]) => ({ what, side }));
  const kept = rule.deletes === "keep";
  const lone = [
    ...missing(from, to, "to").filter(
      ({ what }) => mode === "mirror" || !isLeft(stage, what, kept),
    ),
    ...missing(to, from, "from").filter(
      ({ what }) =>
        !(mode === "mirror" ? kept || holdsIgnored(stage, what) : isLeft(stage, what, kept)),
    ),
  ];
  return lone.map(
    ({ what, side }) =>
      `${what.path} ${what.text === null ? "" : `with "${what.text}" `}is at ${otherSide(side)} and not at ${side}`,
  );
}

interface What {
  readonly path: string;
  /** Null: a folder. */
  readonly text: string | null;
}

/** What is there, and how often: by place, but for case, look-alikes and numbers, and by content. */
type Shape = ReadonlyMap<string, { readonly what: What; readonly count: number }>;

function shapeOf({ clouds, script, clock }: Stage, side: Side): Shape {
  const shape = new Map<string, { what: What; count: number }>();
  const filters = { ...script.rule, as: null };
  for (const [id, { entry, path }] of inScope(clouds[side], base[side], filters, clock.now())) {
    const text = entry.kind === "folder" ? null : textOf(clouds[side], id);
    const place = path.map((name) => plain(name, script)).join("/");
    const key = JSON.stringify([place, text]);
    const what = { path: path.join("/"), text };
    // Folders of one name may have been one folder before, at the side that has no two.
    const count = text === null ? 1 : (shape.get(key)?.count ?? 0) + 1;
    shape.set(key, { what, count });
  }
  return shape;
}

/** What two names have in common of which one stands for the other. */
function plain(name: string, { from, to }: Stage["script"]): string {
  const legal = alias(alias(name, rulesOf(from)), rulesOf(to));
  return foldName(legal).replaceAll(/ \(\d+\)/g, "");
}

/**
 * With `deletes: keep` the other side's version of what somebody removed, or moved out of the rule's folder
 * while it was brought there, is left alone, damaged as it may have arrived.
 */
function isLeft({ ledger, clouds }: Stage, { text }: What, isKept: boolean): boolean {
  if (!isKept || text === null || ledger.abandoned.has(text)) return isKept;
  if (!ledger.authored.has(text)) return true;
  return sides.every((side) => liveTexts(clouds[side]).has(text));
}

/** An extra folder stays while it holds what the rule does not look at. */
function holdsIgnored({ clouds, script, clock }: Stage, { path, text }: What): boolean {
  if (text !== null) return false;
  const ours = inScope(clouds.to, base.to, { ...script.rule, as: null }, clock.now());
  return clouds.to
    .entries()
    .some(({ path: at, entry }) => at.startsWith(`${base.to}/${path}/`) && !ours.has(entry.id));
}

/** After `move`: files that are still at the source. */
export function unmoved({ clouds, script, clock, ledger }: Stage): string[] {
  // Where the destination's version stands, the source's stays what it is.
  if (script.rule.conflict !== "keep-both" && script.rule.conflict !== "from") return [];
  return (
    [...inScope(clouds.from, base.from, script.rule, clock.now()).values()]
      .filter(({ entry }) => entry.kind === "file")
      // A copy that somebody removed before its source went is left absent.
      .filter(({ entry }) => !ledger.abandoned.has(textOf(clouds.from, entry.id)))
      // So is one that arrived in a folder which somebody carried out of the rule's folder at that instant.
      .filter(({ entry }) => !isCarriedOut(clouds.to, textOf(clouds.from, entry.id)))
      .map(({ path }) => `${path.join("/")} was not moved`)
  );
}

/** Whether a content is at the destination, but not in the rule's folder. */
const isCarriedOut = (to: MemoryCloud, text: string): boolean =>
  to
    .entries()
    .filter(({ entry }) => entry.kind === "file" && textOf(to, entry.id) === text)
    .some(({ path }) => !path.startsWith(`${base.to}/`));

/** Contents of all files that are not in the trash. */
export function liveTexts(cloud: MemoryCloud): Set<string> {
  const files = cloud.entries().filter(({ entry }) => entry.kind === "file");
  return new Set(files.map(({ entry }) => textOf(cloud, entry.id)));
}

/** Contents that nobody took back and that are nowhere to be seen. */
export function lostClaims(stage: Stage): string[] {
  const { clouds, ledger } = stage;
  const live = new Set([...liveTexts(clouds.from), ...liveTexts(clouds.to)]);
  return [...ledger.claims].filter((text) => !live.has(text)).map((text) => `"${text}" is lost`);
}

/** Names that are ours alone, and conflict copies of conflict copies. */
export function oddNames({ clouds }: Stage): string[] {
  // What a person takes out of the rule's folder in the midst of a swap stays as it is.
  const isOwn = (side: Side, path: string, name: string) =>
    path.startsWith(base[side]) && name.startsWith(".syncline-");
  return sides.flatMap((side) =>
    clouds[side]
      .entries()
      .filter(
        ({ path, entry: { name } }) =>
          isOwn(side, path, name) || /\(conflict,.*\(conflict,/.test(name),
      )
      .map(({ path }) => `${side} was left with ${path}`),
  );
}
