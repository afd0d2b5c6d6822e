import { resolve } from "node:path";
import { foldName } from "../core/names.ts";
import type { Location } from "../core/rule.ts";
import type { AccountFields } from "./account-schema.ts";

/** A folder and all below it, comparable whatever account it is reached through. */
export interface Region {
  /** Equal for accounts that show the same files. */
  readonly space: string;
  readonly path: readonly string[];
}

/** Where `location` really is; `account` is null when its settings could not be read. */
export function regionOf(location: Location, account: AccountFields | null): Region {
  if (account === null) return { space: `account ${location.account}`, path: location.path };
  if (account.provider === "local") {
    const root = resolve(account.root).split(/[/\\]/).filter(Boolean);
    return { space: "local", path: [...root, ...location.path].map(composed) };
  }
  const caseless = account.provider === "dropbox" || account.provider === "onedrive";
  const path = location.path.map(caseless ? foldName : composed);
  const grant = "refreshToken" in account ? account.refreshToken : location.account;
  return { space: `${account.provider} ${grant}`, path };
}

function composed(name: string): string {
  return name.normalize("NFC");
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

/** Where what is written into `region` ends up, when all of `from` is brought to `to`; null: nowhere. */
export function carried(region: Region, from: Region, to: Region): Region | null {
  if (holds(region, from)) return to;
  if (!holds(from, region)) return null;
  return { space: to.space, path: [...to.path, ...region.path.slice(from.path.length)] };
}
