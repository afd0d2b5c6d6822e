import type { Context } from "./context.ts";
import { BadRequest, lookupRefusal, malformedPath, type Refusal, writeRefusal } from "./errors.ts";
import type { Item, Revision } from "./item.ts";
import {
  type Path,
  parentOf,
  parseForReading,
  parseForWriting,
  refuseOutsideBmp,
} from "./paths.ts";

const root: Path = { display: "", lower: "" };

/** The path to look at: `/a`, `id:...`, `id:.../a`, `ns:...`, `ns:.../a`, or empty for the root. */
export function pathToRead(context: Context, given: string): Path {
  const absolute = absoluteOf(context, given, () => lookupRefusal("not_found"));
  return absolute === "" ? root : parseForReading(absolute);
}

/** The path to write at, in the same forms. */
export function pathToWrite(context: Context, given: string): Path {
  const none = () => malformedPath("write", `'${given}': no such item`);
  const absolute = absoluteOf(context, given, none);
  if (absolute === "") throw malformedPath("write", "the root folder can't be written");
  const path = parseForWriting(absolute);
  checkWritable(context, path.lower);
  return path;
}

/** Refuses with `no_write_permission` what lies in a shared folder that may only be read; the folder itself may be left. */
export function checkWritable({ namespace }: Context, lower: string): void {
  for (let at = parentOf(lower); at !== ""; at = parentOf(at)) {
    const above = namespace.at(at);
    if (above?.kind !== "folder" || above.mount?.readOnly !== true) continue;
    throw writeRefusal("no_write_permission");
  }
}

/** The item that a path names. Refuses with `not_found`. */
export function itemAt(context: Context, given: string): Item {
  const path = pathToRead(context, given);
  if (path.lower === "") throw new BadRequest("path: The root folder is unsupported.");
  const item = context.namespace.at(path.lower);
  if (item === null) throw lookupRefusal("not_found");
  return item;
}

/** The version that a path (`rev:...` too) names. Refuses with `not_found`, `not_file`. */
export function revisionAt(context: Context, given: string): Revision {
  if (given.startsWith("rev:")) {
    const revision = context.namespace.byRev(given.slice("rev:".length));
    if (revision === null) throw lookupRefusal("not_found");
    return revision;
  }
  const item = itemAt(context, given);
  if (item.kind !== "file") throw lookupRefusal("not_file");
  return item;
}

function absoluteOf(context: Context, given: string, none: () => Refusal): string {
  if (context.choices.refusesEmoji) refuseOutsideBmp(given);
  if (given === "" || given.startsWith("/")) return given;
  const [start = "", ...rest] = given.split("/");
  const tail = rest.length === 0 ? "" : `/${rest.join("/")}`;
  if (start === `ns:${context.namespaceId}`) return tail;
  const item = context.namespace.byId(start);
  if (item === null) throw none();
  return `${item.display}${tail}`;
}
