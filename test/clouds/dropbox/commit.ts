import {
  anything,
  boolean,
  optional,
  struct,
  timestamp,
  withDefault,
  writeMode,
  writePathOrId,
} from "./args.ts";
import type { Context } from "./context.ts";
import { conflict, writeRefusal } from "./errors.ts";
import { type FileItem, type Item, sizeOf } from "./item.ts";
import { type Path, withSuffix } from "./paths.ts";
import { pathToWrite } from "./resolve.ts";
import type { Bytes } from "./sessions.ts";

/** Dropbox docs: CommitInfo. */
export const commitFields = {
  path: writePathOrId,
  mode: withDefault(writeMode, "add"),
  autorename: withDefault(boolean, false),
  client_modified: optional(timestamp),
  mute: withDefault(boolean, false),
  property_groups: optional(anything),
  strict_conflict: withDefault(boolean, false),
};
const commitInfo = struct(commitFields);
/** How bytes become a file. */
export type CommitInfo = ReturnType<typeof commitInfo>;

/** Makes bytes a file by the rules of its WriteMode; what is there already may be the result. */
export function commit(context: Context, info: CommitInfo, bytes: Bytes): FileItem {
  const { namespace } = context;
  const path = pathToWrite(context, info.path);
  const existing = namespace.at(path.lower);
  if (isSame(existing, bytes) && !info.strict_conflict) return existing;
  const clash = clashWith(existing, info);
  if (clash === null) {
    return write(context, existing === null ? path : spelledAs(existing), info, bytes, existing);
  }
  if (!info.autorename) throw conflict(clash);
  const copied = typeof info.mode === "object" ? "(conflicted copy)" : null;
  return write(context, freePath(context, path, "file", copied), info, bytes, null);
}

/** A path beside a taken one: `name (1).ext`, or with another suffix while that is free. */
export function freePath(
  { namespace }: Context,
  path: Path,
  kind: Item["kind"],
  suffix: string | null = null,
): Path {
  for (let count = 1; ; count += 1) {
    const first = count === 1 ? suffix : null;
    const candidate = withSuffix(path, first ?? `(${count})`, kind);
    if (namespace.at(candidate.lower) === null) return candidate;
  }
}

/** Refuses with `insufficient_space` what would go over the quota. */
export function checkSpace({ namespace, limits }: Context, moreBytes: number): void {
  if (namespace.usedBytes + moreBytes > limits.allocatedBytes) {
    throw writeRefusal("insufficient_space");
  }
}

function isSame(existing: Item | null, bytes: Bytes): existing is FileItem {
  if (existing?.kind !== "file" || existing.version.exports !== null) return false;
  return existing.version.contentHash === bytes.contentHash;
}

function clashWith(
  existing: Item | null,
  { mode, strict_conflict: strict }: CommitInfo,
): "file" | "folder" | null {
  if (existing === null) return typeof mode === "object" && strict ? "file" : null;
  if (existing.kind === "folder") return "folder";
  if (mode === "overwrite") return null;
  return mode === "add" || mode.update !== existing.version.rev ? "file" : null;
}

function write(
  context: Context,
  path: Path,
  info: CommitInfo,
  bytes: Bytes,
  replaced: Item | null,
): FileItem {
  const freedBytes = replaced === null ? 0 : sizeOf(replaced);
  checkSpace(context, bytes.content.sizeBytes - freedBytes);
  const version = { ...bytes, clientModified: info.client_modified };
  return context.namespace.putFile(path, version, replaced === null ? {} : { id: replaced.id });
}

/** An overwritten file keeps its spelling, as a change of case alone is none. */
function spelledAs({ display, lower }: Item): Path {
  return { display, lower };
}
