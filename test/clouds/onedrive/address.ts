import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { accessDenied, invalidRequest, itemNotFound } from "./errors.ts";
import { plainDriveId } from "./ids.ts";
import type { Item } from "./item.ts";

/** What a request's path names: an item by its id, or by names below one. */
export interface Address {
  readonly drive: Drive;
  readonly baseId: string;
  /** Names below the base; empty: the base itself. */
  readonly names: readonly string[];
}

const driveAt = String.raw`^\/v1\.0\/(me\/drive|drives\/[^/]+|users\/[^/]+\/drive|sites\/[^/]+\/drive)`;
const baseAt = String.raw`${driveAt}\/(root|items\/[^/:]+)`;

/** Pattern of a drive's path, with something behind it. */
export function drivePath(end = ""): RegExp {
  return new RegExp(`${driveAt}${end}$`);
}

/** Pattern of an item's path, by id or `:/path`, with an action (a pattern itself) behind it. */
export function itemPath(action: string | null): RegExp {
  return action === null
    ? new RegExp(String.raw`${baseAt}(?::\/?([^:]*):?)?$`)
    : new RegExp(String.raw`${baseAt}(?::\/?([^:]*):)?\/${action}$`);
}

/** The drive of a path's first group. @throws GraphError 404 */
export function findDrive(context: Context, part: string): Drive {
  const { ownDrive, drive, user } = context;
  const [kind, id = ""] = part.split("/").map(decode);
  if (kind === "me") return ownDrive;
  if (kind === "users" && [user.id, user.userPrincipalName].includes(id)) return ownDrive;
  if (kind === "sites" && drive.type === "documentLibrary" && id === siteId) return drive;
  return (kind === "drives" ? driveById(context, id) : undefined) ?? raise(itemNotFound());
}

/** Personal ids are one whatever their case, with or without the leading zero. */
export function driveById(context: Context, id: string): Drive | undefined {
  const wanted = plainDriveId(id);
  return [context.drive, context.ownDrive, context.otherDrive].find((one) => one.id === wanted);
}

/** The one site that there is. */
export const siteId =
  "contoso.sharepoint.com,5a58bb09-1fba-41c1-8125-69da264370a0,9f2ec1da-0be4-4a74-9254-973f0add78fd";

/** Reads the three groups of an item's path. @throws GraphError 400, 404 */
export function readAddress(context: Context, params: readonly string[]): Address {
  const [drivePart = "", base = "", path = ""] = params;
  const drive = findDrive(context, drivePart);
  const id = base === "root" ? drive.rootId : decode(base.slice("items/".length));
  const baseId = id === "root" ? drive.rootId : id;
  const names = path
    .split("/")
    .filter((name) => name !== "")
    .map(decode);
  return { drive, baseId, names };
}

/** The item there, if this user may see it. @throws GraphError 403, 404 */
export function itemAt(context: Context, address: Address): Item {
  return findItem(context, address) ?? raise(itemNotFound());
}

/** The same, or nothing. A path leads through folders, never through a shortcut. @throws GraphError 403, 404 */
export function findItem(context: Context, { drive, baseId, names }: Address): Item | undefined {
  let item: Item | undefined = drive.get(canonicalId(drive, baseId));
  checkReach(context, drive, item);
  for (const name of names) item = item && drive.child(item.id, name);
  return item;
}

/** Ids of personal items begin with the drive's, in whatever case. */
function canonicalId(drive: Drive, id: string): string {
  const mark = id.indexOf("!");
  return drive.type === "personal" && mark > 0
    ? plainDriveId(id.slice(0, mark)).toUpperCase() + id.slice(mark)
    : id;
}

/** Of somebody else's drive only what was shared is in reach. @throws GraphError 403 */
function checkReach(context: Context, drive: Drive, item: Item): void {
  if (drive !== context.otherDrive) return;
  const above = [item, ...drive.ancestors(item)];
  if (!above.some(({ id }) => context.shared.has(id))) throw accessDenied();
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError)
      throw invalidRequest("The path is not well-formed.", "invalidPath");
    throw error;
  }
}

function raise(error: Error): never {
  throw error;
}
