import type { Entry, ItemId, Place } from "../../src/core/entry.ts";
import { alias, sameName } from "../../src/core/names.ts";
import type { Link } from "../../src/core/plan.ts";
import { disagreements, lostClaims, oddNames, unmoved } from "./agreement.ts";
import { rulesOf, textOf } from "./chronicle.ts";
import type { Clouds } from "./draw.ts";
import { type Scoped, scopeOf } from "./scope.ts";
import type { Script } from "./script.ts";
import type { Stage } from "./stage.ts";

/** What should not be so, one line each. */
export function findings(stage: Stage): string[] {
  const { mode } = stage.script;
  return [
    ...stage.ledger.offences,
    ...oddNames(stage),
    ...lostClaims(stage),
    ...(mode === "copy" ? copyFindings(stage) : []),
    ...(mode === "move" ? unmoved(stage) : []),
    ...(mode === "mirror" || mode === "two-way" ? disagreements(stage) : []),
  ];
}

function copyFindings(stage: Stage): string[] {
  const { clouds, script, clock } = stage;
  const scope = scopeOf(clouds.from, script.rule, clock.now());
  const links = linksOf(stage);
  const isStrict = script.solo && !lags(script);
  return [
    ...unlinked(stage, scope, links),
    ...ownFiles(stage),
    ...(isStrict ? misplaced(stage, scope, links) : []),
    ...(isStrict ? extras(stage, scope, links) : []),
  ];
}

/**
 * A feed that lags for longer than the engine expects, or beyond the end of a process, shows our own work
 * undone; whose it was can't be told then.
 */
const lags = ({ epochs }: Script) =>
  epochs.some(({ trouble }) => trouble.some((each) => "feed" in each && each.side === "to"));

type Links = ReturnType<typeof linksOf>;

function linksOf({ store }: Stage) {
  const [destination] = store.destinations.ofRule("docs");
  if (!destination) throw new Error("the rule has no destination");
  return (id: ItemId): Link | null => store.links.of(destination.id, "from", id);
}

/** Every file in scope is linked as it is now; its copy is equal, or a person made it differ. */
function unlinked({ clouds, chronicle, script }: Stage, scope: Map<ItemId, Scoped>, links: Links) {
  const problems: string[] = [];
  const copies = new Map<ItemId, string>();
  for (const [id, { entry, path }] of scope) {
    const name = path.join("/");
    const link = links(id);
    if (!link) {
      problems.push(`${name} (${id}) has no copy`);
      continue;
    }
    const twin = copies.get(link.to.id);
    if (twin) problems.push(`${name} and ${twin} share one copy`);
    copies.set(link.to.id, name);
    if (entry.kind === "folder") continue;
    const text = textOf(clouds.from, id);
    const base = link.from.revision && clouds.from.read(id, link.from.revision);
    if (base && new TextDecoder().decode(base) !== text) {
      problems.push(`${name} changed since it was linked`);
    }
    if (!clouds.to.look(link.to.id)) continue;
    const copy = textOf(clouds.to, link.to.id);
    const byPerson = chronicle.written(link.to.id).includes(lastVersion(clouds.to, link.to.id));
    // Taken for a person's, ours would be kept; and so is what became theirs.
    const isTheirs = lags(script) || chronicle.restored.has(link.to.id);
    const isKept = script.rule.conflict === "to" && isTheirs;
    if (copy !== text && !byPerson && !isKept) {
      problems.push(`the copy of ${name} is "${copy}" instead of "${text}"`);
    }
  }
  return problems;
}

const lastVersion = (cloud: Clouds["to"], id: ItemId) => cloud.history(id).length - 1;

/** What people wrote at the destination stands, under their name or a conflict's, unless the policy takes it. */
function ownFiles({ clouds, chronicle, script }: Stage): string[] {
  if (script.rule.conflict === "from" || script.rule.conflict === "newest") return [];
  const problems: string[] = [];
  for (const [id, places] of chronicle.own) {
    const entry = clouds.to.look(id);
    const texts = clouds.to.history(id).map((bytes) => new TextDecoder().decode(bytes));
    const own = chronicle.written(id);
    const theirs = own.map((at) => texts[at] ?? "");
    const last = own.at(-1) ?? 0;
    if (last < texts.length - 1 && !chronicle.wasAtSource(texts[last] ?? "")) {
      problems.push(`"${texts[last]}" of the destination was overwritten with "${texts.at(-1)}"`);
    }
    if (!entry || theirs.some(chronicle.wasAtSource) || script.rule.conflict === "to") continue;
    if (!stands(entry, places)) {
      problems.push(`"${places.at(-1)?.name}" of the destination became "${entry.name}"`);
    }
  }
  return problems;
}

/** Where its owner put it last, or set aside from a place that they had just left when it was. */
function stands({ parent, name }: Entry, places: readonly Place[]): boolean {
  const last = places.at(-1);
  if (parent === last?.parent && name === last.name) return true;
  return places.some((place) => {
    const stem = place.name.replace(/\.[^.]*$/, "");
    return parent === place.parent && name.startsWith(`${stem} (conflict, `);
  });
}

/** Each copy is live, equal, and where the source says. */
function misplaced(stage: Stage, scope: Map<ItemId, Scoped>, links: Links): string[] {
  const { clouds } = stage;
  const problems: string[] = [];
  for (const [id, scoped] of scope) {
    const name = scoped.path.join("/");
    const link = links(id);
    const copy = link && clouds.to.look(link.to.id);
    if (!link || !copy) {
      problems.push(`the copy of ${name} is gone`);
    } else if (copy.kind !== scoped.entry.kind) {
      problems.push(`the copy of ${name} is a ${copy.kind}`);
    } else if (!isAtPlace(stage, scoped, copy, links)) {
      problems.push(`the copy of ${name} is at ${pathOf(clouds.to, copy.id)}`);
    }
  }
  return problems;
}

function isAtPlace(stage: Stage, { entry, path }: Scoped, copy: Entry, links: Links): boolean {
  const { clouds, chronicle, script } = stage;
  const at = pathOf(clouds.to, copy.id).split("/").slice(2);
  if (script.rule.as !== null || script.rule.include.length > 0) {
    const wanted = script.rule.as === null ? [path.join("/")] : [...chronicle.wanted(entry.id)];
    return wanted.some((each) => isNamed(stage, at, each.split("/")));
  }
  const parent =
    entry.parent === clouds.from.look("/in")?.id ? clouds.to.look("/out")?.id : undefined;
  const wanted = parent ?? (entry.parent && links(entry.parent)?.to.id);
  return copy.parent === wanted && isNamed(stage, [copy.name], path.slice(-1));
}

function isNamed({ script, chronicle }: Stage, at: readonly string[], wanted: readonly string[]) {
  const rules = rulesOf(script.to);
  const isOne = (name: string, exact: string) => {
    // Who takes the place of something that is gone takes its spelling too.
    if (name === exact || (chronicle.left.size > 0 && sameName(name, exact, rules))) return true;
    const isShared = script.rule.as !== null || chronicle.wasShared(exact);
    return isShared && sameName(unnumbered(name), unnumbered(exact), rules);
  };
  return (
    at.length === wanted.length &&
    at.every((name, depth) => isOne(name, alias(wanted[depth] ?? "", rules)))
  );
}

const unnumbered = (name: string) => name.replaceAll(/ \(\d+\)/g, "");

/** What is there besides the copies was left by something that is no longer in scope, once each. */
function extras(
  { clouds, chronicle, ledger }: Stage,
  scope: Map<ItemId, Scoped>,
  links: Links,
): string[] {
  const copies = new Set([...scope.keys()].map((id) => links(id)?.to.id));
  const problems: string[] = [];
  const seen = new Map<ItemId, number>();
  for (const { path, entry } of clouds.to.entries()) {
    if (entry.kind !== "file" || copies.has(entry.id)) continue;
    const text = textOf(clouds.to, entry.id);
    // It arrived damaged, and its source left before it could be sent again.
    if (!ledger.authored.has(text)) continue;
    const origins = [...chronicle.origins(text)];
    const leaver = origins.find((id) => chronicle.left.has(id));
    if (!leaver) problems.push(`${path} is a copy too many`);
    else seen.set(leaver, (seen.get(leaver) ?? 0) + 1);
  }
  return problems;
}

function pathOf(cloud: Clouds["to"], id: ItemId): string {
  return cloud.entries().find(({ entry }) => entry.id === id)?.path ?? "nowhere";
}
