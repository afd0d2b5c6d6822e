import { resolve } from "node:path";
import { foldName } from "../core/names.ts";
import type { Location } from "../core/rule.ts";
import type { AccountFields } from "./account-schema.ts";

/** A folder and all below it, comparable whatever account it is reached through. */
export interface Region {
  /** Equal for accounts that show the same files. */
  readonly space: string;
  /** Equal for names that the account takes for one. */
  readonly path: readonly string[];
  /** The same names as they were written: what globs see. */
  readonly names: readonly string[];
  readonly caseless: boolean;
}

/**
 * Where `location` really is. `account` is null when its settings could not be read. `identity` is who is
 * signed in, as the provider says (of a local account: its root's real path); null when that is not known,
 * and then accounts are one when they share their grant or root.
 */
export function regionOf(
  location: Location,
  account: AccountFields | null,
  identity: string | null = null,
): Region {
  const { path } = location;
  if (account === null) return inside(spaceOf(`account ${location.account}`), path);
  if (account.provider === "local") {
    const root = resolve(identity ?? account.root).split(/[/\\]/);
    return inside(spaceOf("local"), [...root.filter(Boolean), ...path]);
  }
  if (!isSignedIn(account)) return inside(spaceOf(`account ${location.account}`), path);
  const { provider, origin } = account;
  const owner =
    identity === null ? `grant ${grantOf(account)} ${driveOf(account)}` : `identity ${identity}`;
  const caseless = provider === "dropbox" || provider === "onedrive";
  // Ids of one service say nothing in another one, such as a stand-in.
  return inside(spaceOf(`${provider} ${origin?.api ?? ""} ${owner}`, caseless), path);
}

type SignedIn = Extract<AccountFields, { provider: "dropbox" | "google-drive" | "onedrive" }>;

function isSignedIn(account: AccountFields): account is SignedIn {
  return ["dropbox", "google-drive", "onedrive"].includes(account.provider);
}

/** What is equal for accounts that the same person, or the same service account, is signed in to. */
function grantOf(account: SignedIn): string {
  if (account.provider !== "google-drive" || !account.serviceAccount)
    return account.refreshToken ?? "";
  return `${account.serviceAccount.email} ${account.impersonate ?? ""}`;
}

/** One grant opens several drives where an account can name one. */
function driveOf(account: SignedIn): string {
  if (account.provider === "dropbox") return account.space ?? "home";
  // Names of shared drives may differ in case alone.
  if (account.provider === "google-drive") return account.drive ?? "";
  const { drive, site, library } = account;
  return foldName([drive, site, library].map((part) => part ?? "").join("\n"));
}

function spaceOf(space: string, caseless = false): Region {
  return { space, path: [], names: [], caseless };
}

/** The folder that `names` lead to from `region` on. */
export function inside(region: Region, names: readonly string[]): Region {
  const keys = names.map((name) => (region.caseless ? foldName(name) : name.normalize("NFC")));
  return { ...region, path: [...region.path, ...keys], names: [...region.names, ...names] };
}

/** Whether `inner` is `outer` or lies in it. */
export function holds(outer: Region, inner: Region): boolean {
  return (
    outer.space === inner.space && outer.path.every((name, depth) => name === inner.path[depth])
  );
}

export function overlap(a: Region, b: Region): boolean {
  return holds(a, b) || holds(b, a);
}

export function same(a: Region, b: Region): boolean {
  return holds(a, b) && holds(b, a);
}

/** The written names from `outer` (left out) down to `inner`, which it holds. */
export function namesBelow(outer: Region, inner: Region): readonly string[] {
  return inner.names.slice(outer.names.length);
}

/** How `a` lies to `b`, of which one holds the other; for people. */
export function relation(a: Region, b: Region): string {
  if (!holds(b, a)) return "holds";
  return holds(a, b) ? "is the same as" : "lies inside";
}
