import { randomText } from "../kit/random.ts";
import type { DriveType } from "./item.ts";

const upperHex = "0123456789ABCDEF";
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Makes ids as each kind of drive has them. */
export interface Ids {
  readonly driveId: string;
  readonly rootId: string;
  item(): string;
  /** In capitals, as tags have them. */
  guid(): string;
}

/** A GUID in lower case. */
export function randomGuid(random: () => number): string {
  const text = randomText(random, 32);
  const parts = [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20)];
  return [...parts, text.slice(20)].join("-");
}

/**
 * Personal: 16 hex digits, and `CID!s` with 32 more for items (the root's are the same on every drive that was
 * moved to the new storage); work: `b!` and `01`. A drive of `leadingZero` has an id that begins with 0.
 */
export function createIds(type: DriveType, random: () => number, leadingZero = false): Ids {
  const guid = () => randomGuid(random).toUpperCase();
  if (type !== "personal") {
    const item = () => `01${randomText(random, 32, base32)}`;
    return { driveId: `b!${randomText(random, 64, base64Url)}`, rootId: item(), item, guid };
  }
  const driveId = `${leadingZero ? "0" : "b"}${randomText(random, 15)}`;
  // Items spell the drive in capitals, drives themselves do not.
  const cid = driveId.toUpperCase();
  return {
    driveId,
    rootId: `${cid}!sea8cc6beffdb43d7976fbc7da445c639`,
    item: () => `${cid}!s${randomText(random, 32, upperHex).toLowerCase()}`,
    guid,
  };
}

/** One spelling of a drive's id: clients meet it in capitals, and without its leading zero. */
export function plainDriveId(driveId: string): string {
  return driveId.startsWith("b!") ? driveId : driveId.toLowerCase().padStart(16, "0");
}
