import { expect, onTestFinished, type TestContext } from "vitest";
import type { Cursor, Entry, ItemId, Place } from "../../src/core/entry.ts";
import { type Failure, ProviderError } from "../../src/core/error.ts";
import type { Provider, Source, WriteOptions } from "../../src/core/provider.ts";
import { readText, text } from "./bytes.ts";
import { type Mirror, writeThrough } from "./mirror.ts";

/** What a test file gives for each test: an account in which nothing else happens. */
export interface Opened {
  readonly provider: Provider;
  /** An empty folder to work in: the account's root or one below it. */
  readonly root: ItemId;
  /** The tree that was handed to the provider as `context.tree`. */
  readonly mirror: Mirror;
  /** Another person at work in the same account. Absent: the suite does it through the provider. */
  readonly outside?: Outside;
  /** Has `act` done while the next replacement is under way, after all that the adapter looks at before it. */
  meanwhile?(act: () => Promise<unknown>): void;
  /** Lets so much time pass that the service tells what was before from what is after. Absent: it always does. */
  later?(): void;
  /** Until the service has noticed that a request was cut off. Absent: it has at once. */
  noticed?(): Promise<void>;
  close?(): Promise<void>;
}

/** What a person can do; paths such as `a/b.txt` below `Opened.root`. */
interface Outside {
  /** Creates the file or gives it new content, keeping its id where the service does. */
  put(path: string, content: string): Promise<unknown>;
  mkdir(path: string): Promise<unknown>;
  move(from: string, to: string): Promise<unknown>;
  trash(path: string): Promise<unknown>;
}

export interface ContractOptions {
  /** How long a change may take to show in the feed, default 0: it shows at once. */
  readonly lagMs?: number;
  /** For one test, default 20,000. */
  readonly timeoutMs?: number;
}

/** One test's surroundings. */
export interface Bench extends Hands {
  /** Effects are kept in the mirror at once, as the engine does. */
  readonly provider: Provider;
  /** Effects are not kept: the mirror lags until the next page of changes. */
  readonly bare: Provider;
  readonly root: ItemId;
  readonly mirror: Mirror;
  readonly outside: Outside;
  readonly meanwhile: Opened["meanwhile"];
  readonly later: () => void;
  readonly noticed: () => Promise<void>;
  readonly lagMs: number;
}

/** Short words for the requests that most tests make. */
export interface Hands {
  /** A new file in the working folder, or in `parent`; its name is its content when none is given. */
  file(name: string, content?: string | Source, more?: FileOptions): Promise<Entry>;
  folder(name: string, parent?: ItemId): Promise<Entry>;
  content(id: ItemId): Promise<string>;
  /** Names in a folder as the service lists them, sorted. */
  names(folder?: ItemId): Promise<string[]>;
}

type FileOptions = WriteOptions & { readonly parent?: ItemId };
export type Start = () => Promise<Bench>;

/** Opens an account for one test and closes it when the test ends. */
export async function startBench(
  open: () => Promise<Opened>,
  options: ContractOptions,
): Promise<Bench> {
  const opened = await open();
  const { provider: bare, root, mirror } = opened;
  onTestFinished(async () => {
    await bare.close?.();
    await opened.close?.();
  });
  mirror.put(await bare.root());
  const provider = writeThrough(bare, mirror);
  return {
    provider,
    bare,
    root,
    mirror,
    outside: opened.outside ?? throughProvider(bare, root),
    meanwhile: opened.meanwhile,
    later: () => opened.later?.(),
    noticed: async () => opened.noticed?.(),
    lagMs: options.lagMs ?? 0,
    ...hands(provider, root),
  };
}

/** The short words over a provider. */
export function hands(provider: Provider, root: ItemId): Hands {
  return {
    file: (name, content = name, { parent = root, ...more } = {}) =>
      provider.write({ type: "new", at: { parent, name } }, sourceOf(content), more),
    folder: (name, parent = root) => provider.createFolder({ parent, name }),
    content: async (id) => readText(await provider.read(id)),
    names: async (folder = root) =>
      (await gather(provider.list(folder))).map(({ name }) => name).sort(),
  };
}

function sourceOf(content: string | Source): Source {
  return typeof content === "string" ? text(content) : content;
}

function throughProvider(provider: Provider, root: ItemId): Outside {
  const find = async (path: string) => {
    let found = await provider.stat(root);
    for (const name of path.split("/")) {
      const children = await gather(provider.list(found.id));
      const child = children.find((entry) => entry.name === name);
      if (!child) throw new Error(`the test expects ${path}`);
      found = child;
    }
    return found;
  };
  const place = async (path: string): Promise<Place> => {
    const cut = path.lastIndexOf("/");
    const parent = cut < 0 ? root : (await find(path.slice(0, cut))).id;
    return { parent, name: path.slice(cut + 1) };
  };
  return {
    put: async (path, content) => {
      const at = await place(path);
      const siblings = await gather(provider.list(at.parent));
      const old = siblings.find((entry) => entry.name === at.name);
      await provider.write(
        old?.revision
          ? { type: "replace", id: old.id, revision: old.revision }
          : { type: "new", at },
        text(content),
      );
    },
    mkdir: async (path) => provider.createFolder(await place(path)),
    move: async (from, to) => provider.move((await find(from)).id, await place(to)),
    trash: async (path) => provider.trash((await find(path)).id),
  };
}

/** The error that the promise rejects with: a ProviderError of this failure, or the test fails. */
export async function failure(
  promise: Promise<unknown>,
  expected: Failure,
): Promise<ProviderError> {
  const error = await rejection(promise);
  expect(error, String(error)).toBeInstanceOf(ProviderError);
  if (!(error instanceof ProviderError)) throw error;
  expect(error.failure, error.message).toBe(expected);
  return error;
}

/** What the promise rejects with; the test fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("resolved, where a rejection was expected");
}

/** Whether `error` is `reason`, or was caused by it. */
export function causedBy(error: unknown, reason: unknown): boolean {
  if (error === reason) return true;
  return error instanceof Error && error.cause !== undefined && causedBy(error.cause, reason);
}

/** The revision of a file; the test fails when there is none. */
export function revisionOf(entry: Entry) {
  if (entry.revision === null) throw new Error(`${entry.name} has no revision`);
  return entry.revision;
}

/** Skips the rest of the test unless `has`; `reason` names the ability that is missing. */
export function needs(context: TestContext, has: boolean, reason: string) {
  if (!has) context.skip(reason);
}

/** All that the iterable gives: every child, every page. */
export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Everything below a folder, as lines such as `a/b.txt 5 <id> <revision>`, from the service's listings. */
export async function listed(provider: Provider, folder: ItemId, prefix = ""): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of provider.list(folder)) {
    lines.push(line(prefix, entry));
    if (entry.kind === "folder")
      lines.push(...(await listed(provider, entry.id, `${prefix}${entry.name}/`)));
  }
  return lines.sort();
}

/** The same lines from the mirror. */
export function mirrored(mirror: Mirror, folder: ItemId, prefix = ""): string[] {
  return [...mirror.children(folder)]
    .flatMap((entry) => [
      line(prefix, entry),
      ...mirrored(mirror, entry.id, `${prefix}${entry.name}/`),
    ])
    .sort();
}

function line(prefix: string, { id, name, kind, sizeBytes, revision }: Entry): string {
  return `${prefix}${name} ${kind} ${sizeBytes ?? "-"} ${id} ${revision ?? "-"}`;
}

/** Applies all that the feed has since `cursor` to the mirror; where to go on. */
export async function follow(
  { bare, mirror }: Pick<Bench, "bare" | "mirror">,
  cursor: Cursor | null,
): Promise<Cursor> {
  let next = cursor;
  for await (const page of bare.changes(cursor)) {
    mirror.apply(page);
    next = page.next;
  }
  if (next === null) throw new Error("a listing without a page");
  return next;
}

/** Follows the feed until the mirror is what the service lists, for at most the allowed lag; the next cursor. */
export async function catchUp(bench: Bench, cursor: Cursor | null): Promise<Cursor> {
  const deadline = Date.now() + bench.lagMs;
  for (let next = cursor; ; ) {
    next = await follow(bench, next);
    const [now, known] = [await listed(bench.bare, bench.root), mirrored(bench.mirror, bench.root)];
    if (now.join("\n") !== known.join("\n") && Date.now() < deadline) continue;
    expect(known, "the mirror, against the service's own listing").toEqual(now);
    return next;
  }
}
