import { createHash } from "node:crypto";
import type { App } from "../../src/app.ts";
import type { Cursor, Entry, Hashes, ItemId, Revision } from "../../src/core/entry.ts";
import type { Side } from "../../src/core/plan.ts";
import type { Job } from "../../src/engine/context.ts";
import { plannerOf, settle, viewOf } from "../../src/engine/job.ts";

/** How many files each folder of a grown state has. */
const perFolder = 200;
const atOnce = 1_000;
const sides = ["from", "to"] as const;

/**
 * Puts items that are in step into each mirror of a rule that has run before, as transfers long ago would have left
 * them: linked, with all that was learned of them, and marked by nobody. No feed will ever tell of them.
 */
export function grow(app: App, job: Job, items: number): void {
  const folders = Math.ceil(items / perFolder);
  const numbers = (first: number, end: number) =>
    Array.from({ length: Math.min(atOnce, end - first) }, (_, index) => first + index);
  for (let first = 0; first < folders; first += atOnce) {
    putAll(app, job, numbers(first, folders), folderOf);
  }
  for (let first = 0; first < items - folders; first += atOnce) {
    putAll(app, job, numbers(first, items - folders), fileOf);
  }
}

/** How long it takes to plan that so many of the files have been edited; the state is marked afterwards. */
export function planEdits({ context }: App, job: Job, items: number, edits: number): number {
  const { dirty } = context.store;
  for (let n = 0; n < edits; n++) {
    const entry = fileOf(job, "from", Math.floor((n * items) / edits / 2));
    const revision = `edit ${Math.random()}` as Revision;
    job.from.tree.observe({ ...entry, revision, hashes: {}, sizeBytes: 11 });
  }
  const startedMs = performance.now();
  const due = dirty.due(job.destination.id, Number.MAX_SAFE_INTEGER, 0, 2_000);
  const planner = plannerOf(job, viewOf(job, context), context, { respectQuiet: false });
  const plan = planner.plan(due);
  settle(job, due, plan, context, new Set());
  const tookMs = performance.now() - startedMs;
  if (plan.steps.length !== edits) throw new Error(`${plan.steps.length} steps were planned`);
  return tookMs;
}

type Make = (job: Job, side: Side, n: number) => Entry;

function putAll(app: App, job: Job, numbers: readonly number[], make: Make): void {
  const { store } = app;
  store.transaction(() => {
    for (const side of sides) {
      const { epoch } = store.accounts.get(job[side].id);
      const changes = numbers.map((n) => ({ type: "put", entry: make(job, side, n) }) as const);
      job[side].tree.apply({ changes, next: "" as Cursor, stage: "changes" }, epoch);
      for (const { entry } of changes) {
        store.dirty.clear(job.destination.id, { side, item: entry.id });
      }
    }
    for (const n of numbers) {
      const [from, to] = [make(job, "from", n), make(job, "to", n)];
      const { kind, sizeBytes, hashes } = from;
      store.links.put(job.destination.id, { kind, from, to, sizeBytes, hashes });
    }
  });
}

function fileOf(job: Job, side: Side, n: number): Entry {
  const at = new Date(1_700_000_000_000 + n * 1_000);
  return {
    ...folderOf(job, side, n),
    id: idOf(side, "file", n),
    parent: idOf(side, "folder", Math.floor(n / perFolder)),
    name: `IMG_${n}.jpg`,
    kind: "file",
    sizeBytes: 2_000_000 + n,
    revision: digest("sha1", `${side} revision ${n}`, "hex").slice(0, 21) as Revision,
    hashes: hashesOf(`content ${n}`),
    modifiedAt: at,
    createdAt: side === "to" ? at : null,
  };
}

function folderOf({ destination }: Job, side: Side, n: number): Entry {
  return {
    id: idOf(side, "folder", n),
    parent: side === "from" ? destination.fromRoot : destination.toRoot,
    name: `folder ${n}`,
    kind: "folder",
    sizeBytes: null,
    revision: null,
    hashes: {},
    modifiedAt: null,
    createdAt: null,
  };
}

/** As long as those of Dropbox and Drive. In order, where theirs are not: a state grows ten times as fast by them. */
function idOf(side: Side, kind: "file" | "folder", n: number): ItemId {
  const [prefix, length] = side === "from" ? ["id:", 22] : ["1", 32];
  return `${prefix}${kind}${String(n).padStart(length - kind.length, "0")}` as ItemId;
}

/** Each that a transfer learns. */
function hashesOf(text: string): Hashes {
  return {
    md5: digest("md5", text, "hex"),
    dropbox: digest("sha256", text, "hex"),
    quickXor: digest("sha1", text, "base64"),
  };
}

function digest(hash: string, text: string, form: "hex" | "base64"): string {
  return createHash(hash).update(text).digest(form);
}
