import type { OpenConflict, Version } from "../../engine/review.ts";

/** How the versions of a conflict can be looked at: decided by name and size, before a byte is read. */

/** Pictures that browsers show and that can hold no script. */
const pictures = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
} as const;

type ContentType = (typeof pictures)[keyof typeof pictures] | "application/octet-stream";

const textBytes = 256 * 1024;
const pictureBytes = 8 * 1024 * 1024;

/** What the content of a file of that name is called; text too is only bytes, which no browser shows by itself. */
export function typeOf(name: string): ContentType {
  const end = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return isPicture(end) ? pictures[end] : "application/octet-stream";
}

const isPicture = (end: string): end is keyof typeof pictures => Object.hasOwn(pictures, end);

/** Beyond that nothing is given. */
export const mostBytes = (type: ContentType): number =>
  type === "application/octet-stream" ? textBytes : pictureBytes;

/** As pictures or as text, side by side; null: not at all. */
export function lookOf({ from, to }: Pick<OpenConflict, "from" | "to">): "picture" | "text" | null {
  const types = [from, to].map(typeOfVersion);
  if (types.includes(null)) return null;
  if (types.every((type) => type !== "application/octet-stream")) return "picture";
  return types.every((type) => type === "application/octet-stream") ? "text" : null;
}

/** Null: it is not there, has no bytes, or too many of them. */
function typeOfVersion({ location, sizeBytes }: Version): ContentType | null {
  if (location === null || sizeBytes === null) return null;
  const type = typeOf(location);
  return sizeBytes > mostBytes(type) ? null : type;
}
