import { createHash } from "node:crypto";
import type { Entry, Hashes, ItemId, Place, Revision, TreeView } from "../../src/core/entry.ts";
import { canHold, foldName, type NameRules, nameKey } from "../../src/core/names.ts";

/**
 * A storage account in memory that refuses whatever a strict service would refuse, and forgets nothing:
 * replaced and trashed texts stay in `kept`.
 */
export interface Account extends TreeView {
  /** The account's own root. */
  readonly top: ItemId;
  /** The folder in it that the rule is about. */
  readonly root: ItemId;
  readonly names: NameRules;
  /** Texts in the trash and in the version history. */
  readonly kept: ReadonlySet<string>;
  /** `text` null: a folder. */
  create(at: Place, text: string | null, modifiedAt?: Date | null): Entry;
  /** An item that lives only in its service, which can export it as `docx`. */
  createNative(at: Place): Entry;
  /** Its content changes, in ways that can't be seen from outside. */
  touch(id: ItemId): Entry;
  edit(id: ItemId, text: string, modifiedAt?: Date | null): Entry;
  move(id: ItemId, to: Place): Entry;
  trash(id: ItemId): void;
  /** Keeps what reading the item has taught; nobody is told. */
  learn(id: ItemId, hashes: Hashes): void;
  need(id: ItemId): Entry;
  /** Everything under a folder, parents first. */
  below(folder: ItemId): Entry[];
  textOf(entry: Entry): string | null;
  isFree(at: Place, but?: ItemId): boolean;
}

export interface AccountOptions {
  readonly side: string;
  readonly names: NameRules;
  /** The hash that the service reports of every file. */
  readonly hash: "sha256" | "md5";
  /** Milliseconds since 1970; each call a second later. */
  readonly tick: () => number;
  /** Told of every item that is new, different or gone. */
  readonly onChange: (id: ItemId) => void;
}

export function createAccount({ side, names, hash, tick, onChange }: AccountOptions): Account {
  const [top, root] = [`${side}-top` as ItemId, side as ItemId];
  const rule = { ...folderEntry(root), parent: top, name: "rule" };
  const entries = new Map<ItemId, Entry>([
    [top, folderEntry(top)],
    [root, rule],
  ]);
  const children = new Map([
    [top, new Map([[root, rule]])],
    [root, new Map<ItemId, Entry>()],
  ]);
  const texts = new Map<Revision, string>();
  const kept = new Set<string>();
  let count = 0;

  const none: ReadonlyMap<ItemId, Entry> = new Map();
  const inside = (folder: ItemId) => children.get(folder) ?? none;

  function put(entry: Entry): Entry {
    const before = entries.get(entry.id);
    if (before?.parent) children.get(before.parent)?.delete(entry.id);
    entries.set(entry.id, entry);
    if (entry.parent) children.get(entry.parent)?.set(entry.id, entry);
    if (entry.kind === "folder" && !before) children.set(entry.id, new Map());
    onChange(entry.id);
    return entry;
  }

  function need(id: ItemId): Entry {
    const entry = entries.get(id);
    if (entry) return entry;
    throw new Error(`${side} has no item ${id}`);
  }

  function isFree({ parent, name }: Place, but?: ItemId): boolean {
    if (names.duplicates) return true;
    const key = nameKey(name, names);
    for (const other of inside(parent).values()) {
      if (other.id !== but && nameKey(other.name, names) === key) return false;
    }
    return true;
  }

  function refuse(at: Place, but?: ItemId): void {
    if (need(at.parent).kind !== "folder") throw new Error(`${side}: ${at.parent} is no folder`);
    const reason = canHold(at.name, names);
    if (reason) throw new Error(`${side}: the name "${at.name}" ${reason}`);
    if (!isFree(at, but)) throw new Error(`${side}: "${at.name}" is taken`);
  }

  function written(text: string, modifiedAt: Date | null | undefined) {
    const revision = `${side}-r${++count}` as Revision;
    texts.set(revision, text);
    return {
      revision,
      sizeBytes: text.length,
      hashes: { [hash]: digest(hash, text) },
      modifiedAt: modifiedAt === undefined ? new Date(tick()) : modifiedAt,
    };
  }

  const nativeContent = () => ({
    revision: `${side}-r${++count}` as Revision,
    modifiedAt: new Date(tick()),
  });

  const textOf = ({ revision }: Entry) => (revision && texts.get(revision)) ?? null;

  function keep(entry: Entry): void {
    const text = textOf(entry);
    if (text !== null) kept.add(text);
  }

  function below(folder: ItemId): Entry[] {
    const found = [...inside(folder).values()];
    for (const entry of found)
      if (entry.kind === "folder") found.push(...inside(entry.id).values());
    return found;
  }

  return {
    top,
    root,
    names,
    kept,
    get: (id) => entries.get(id) ?? null,
    children: (parent) => inside(parent).values(),
    named(parent, name) {
      const wanted = folded(name);
      return [...inside(parent).values()].filter((entry) => folded(entry.name) === wanted);
    },
    need,
    below,
    textOf,
    isFree,
    create(at, text, modifiedAt) {
      refuse(at);
      const id = `${side}-${++count}` as ItemId;
      const bare = { ...folderEntry(id), ...at, createdAt: new Date(tick()) };
      return put(text === null ? bare : { ...bare, kind: "file", ...written(text, modifiedAt) });
    },
    createNative(at) {
      refuse(at);
      const id = `${side}-${++count}` as ItemId;
      const native = { type: "document", exports: ["docx"] };
      const bare = { ...folderEntry(id), ...at, createdAt: new Date(tick()) };
      return put({ ...bare, kind: "native", native, ...nativeContent() });
    },
    touch: (id) => put({ ...need(id), ...nativeContent() }),
    edit(id, text, modifiedAt) {
      const entry = need(id);
      if (entry.kind !== "file") throw new Error(`${side}: ${id} is no file`);
      keep(entry);
      return put({ ...entry, ...written(text, modifiedAt) });
    },
    move(id, to) {
      refuse(to, id);
      for (let at: ItemId | null = to.parent; at; at = need(at).parent) {
        if (at === id) throw new Error(`${side}: ${id} would lie inside itself`);
      }
      return put({ ...need(id), ...to });
    },
    trash(id) {
      const entry = need(id);
      for (const each of [...below(id), entry]) {
        keep(each);
        entries.delete(each.id);
        onChange(each.id);
      }
      if (entry.parent) children.get(entry.parent)?.delete(id);
    },
    learn(id, hashes) {
      const entry = need(id);
      const known = { ...entry, hashes: { ...entry.hashes, ...hashes } };
      entries.set(id, known);
      if (entry.parent) children.get(entry.parent)?.set(id, known);
    },
  };
}

/** The same texts and names come again and again: what they give is kept. */
function remembered(make: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? make(text);
    known.set(text, found);
    return found;
  };
}

const folded = remembered(foldName);
const digests = {
  sha256: remembered((text) => createHash("sha256").update(text).digest("hex")),
  md5: remembered((text) => createHash("md5").update(text).digest("hex")),
};

const digest = (name: keyof typeof digests, text: string): string => digests[name](text);

/** All that reading a text teaches. */
export const hashesOf = (text: string): Hashes => ({
  sha256: digest("sha256", text),
  md5: digest("md5", text),
});

function folderEntry(id: ItemId): Entry {
  return {
    id,
    parent: null,
    name: "",
    kind: "folder",
    sizeBytes: null,
    revision: null,
    hashes: {},
    modifiedAt: null,
    createdAt: null,
  };
}
