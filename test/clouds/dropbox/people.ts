import {
  bytesContent,
  type Content,
  contentOf,
  type Generated,
  readWhole,
} from "../kit/content.ts";
import { contentHashOf } from "./content-hash.ts";
import type { Context } from "./context.ts";
import type { FileItem, FolderItem, Item, Revision } from "./item.ts";
import { isBelow, type Path, parseForWriting } from "./paths.ts";
import { restore } from "./revisions.ts";

/** What a person with a desktop client or a browser does in the same account; no request is made. */
export interface People {
  /** Writes a file; a person overwrites, and equal bytes with the same time change nothing. */
  put(
    path: string,
    content: string | Uint8Array | Generated,
    options?: { readonly clientModified?: Date },
  ): FileView;
  mkdir(path: string): FolderItem;
  /** Case-only renames included; those no feed tells of. */
  move(from: string, to: string): Item;
  delete(path: string): void;
  /** Brings a deleted file back, or an older version (`rev`) of one that is there. */
  restore(path: string, rev?: string): FileView;
  read(path: string): Buffer;
  exists(path: string): boolean;
  /** All there is, by path. */
  tree(): readonly (FileView | FolderView)[];
  /** Newest first. */
  revisions(path: string): readonly FileView[];
  /** A document without bytes of its own; `formats` says what it exports to, the first is the default. */
  paper(path: string, formats: Readonly<Record<string, string | Uint8Array>>): FileView;
  /** A folder of others, shared with this account, appears; another of them puts `files` (by name) into it. */
  mount(path: string, files?: Readonly<Record<string, string>>, how?: MountOptions): FolderView;
  /** The membership ends; the folder goes on elsewhere. The feed says the same as of a deletion. */
  unmount(path: string): void;
  /** From now on a file's content may not be transferred. */
  restrict(path: string): void;
}

interface MountOptions {
  readonly readOnly?: boolean;
  readonly noAccess?: boolean;
}

/** A file, or one version of it, as people see it. */
export interface FileView {
  readonly kind: "file";
  /** As it is displayed. */
  readonly path: string;
  readonly id: string;
  readonly rev: string;
  readonly sizeBytes: number;
  readonly contentHash: string;
  readonly clientModified: Date;
}

/** A folder as people see it. */
export interface FolderView {
  readonly kind: "folder";
  readonly path: string;
  readonly id: string;
}

/** The people of an account. */
export function createPeople(context: Context): People {
  const { namespace } = context;
  return {
    put: (path, content, options) =>
      put(context, path, contentOf(content), options?.clientModified),
    mkdir(path) {
      const target = parseForWriting(path);
      const there = namespace.at(target.lower);
      if (there?.kind === "file") throw new Error(`${path} is a file`);
      return there ?? namespace.putFolder(target);
    },
    move(from, to) {
      const item = itemAt(context, from);
      const target = parseForWriting(to);
      if (isBelow(target.lower, item.lower)) throw new Error(`${to} is inside ${from}`);
      if (target.lower !== item.lower) return namespace.move(item, free(context, target));
      namespace.respell(item, target);
      return itemAt(context, to);
    },
    delete: (path) => namespace.remove(itemAt(context, path)),
    restore(path, rev) {
      const target = parseForWriting(path);
      const wanted = rev === undefined ? namespace.revisions(target)[0] : namespace.byRev(rev);
      if (wanted === undefined || wanted === null) throw new Error(`nothing to restore at ${path}`);
      return viewFile(restore(context, target, wanted));
    },
    read: (path) => readWhole(fileAt(context, path).version.content),
    exists: (path) => namespace.at(parseForWriting(path).lower) !== null,
    tree: () =>
      [...namespace.below("")]
        .map((item) => (item.kind === "file" ? viewFile(item) : viewFolder(item)))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
    revisions: (path) => namespace.revisions(parseForWriting(path)).map(viewFile),
    paper: (path, formats) => viewFile(putPaper(context, path, formats)),
    mount(path, files = {}, { readOnly = false, noAccess = false } = {}) {
      const target = free(context, parseForWriting(path));
      const sharedFolderId = String(84528192421 + namespace.journal.head);
      const folder = namespace.putFolder(target, { sharedFolderId, readOnly, noAccess });
      for (const [name, content] of Object.entries(files)) {
        put(context, `${path}/${name}`, contentOf(content), undefined);
      }
      return viewFolder(folder);
    },
    unmount: (path) => namespace.remove(itemAt(context, path)),
    restrict(path) {
      context.restrictedHashes.add(fileAt(context, path).version.contentHash);
    },
  };
}

function put(context: Context, path: string, content: Content, modified: Date | undefined) {
  const target = free(context, parseForWriting(path), "folder");
  const contentHash = contentHashOf(content);
  const there = context.namespace.at(target.lower);
  const clientModified = modified?.getTime() ?? null;
  if (there?.kind === "file" && there.version.contentHash === contentHash) {
    const time = clientModified ?? there.version.clientModified;
    if (Math.floor(time / 1000) * 1000 === there.version.clientModified) return viewFile(there);
  }
  const id = there === null ? {} : { id: there.id };
  const place = there ?? target;
  return viewFile(context.namespace.putFile(place, { content, contentHash, clientModified }, id));
}

function putPaper(
  context: Context,
  path: string,
  formats: Readonly<Record<string, string | Uint8Array>>,
): FileItem {
  const content = bytesContent(new Uint8Array());
  const contents = Object.entries(formats).map(
    ([format, bytes]) => [format, contentOf(bytes)] as const,
  );
  const [first] = contents;
  if (first === undefined) throw new Error(`${path} needs a format to export to`);
  const exports = { as: first[0], formats: new Map(contents) };
  const version = { content, contentHash: contentHashOf(content), clientModified: null, exports };
  return context.namespace.putFile(free(context, parseForWriting(path)), version);
}

function free(context: Context, path: Path, unlike: "folder" | "any" = "any"): Path {
  const there = context.namespace.at(path.lower);
  if (there !== null && (unlike === "any" || there.kind === unlike)) {
    throw new Error(`${path.display} is taken by a ${there.kind}`);
  }
  return path;
}

function itemAt({ namespace }: Context, path: string): Item {
  const item = namespace.at(parseForWriting(path).lower);
  if (item === null) throw new Error(`there is no ${path}`);
  return item;
}

function fileAt(context: Context, path: string): FileItem {
  const item = itemAt(context, path);
  if (item.kind === "folder") throw new Error(`${path} is a folder`);
  return item;
}

function viewFile({ display, id, version }: FileItem | Revision): FileView {
  return {
    kind: "file",
    path: display,
    id,
    rev: version.rev,
    sizeBytes: version.content.sizeBytes,
    contentHash: version.contentHash,
    clientModified: new Date(version.clientModified),
  };
}

function viewFolder({ display, id }: FolderItem): FolderView {
  return { kind: "folder", path: display, id };
}
