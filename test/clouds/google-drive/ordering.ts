import { DriveError, invalidParameter } from "./errors.ts";
import { type DriveItem, isFolder, quotaBytes } from "./item.ts";

type SortKey = (item: DriveItem) => number | string;

const sortKeys: Readonly<Record<string, SortKey>> = {
  folder: (item) => (isFolder(item) ? 0 : 1),
  name: (item) => item.name.toLowerCase(),
  name_natural: (item) => item.name.toLowerCase(),
  createdTime: (item) => item.createdAt,
  modifiedTime: (item) => item.modifiedAt,
  modifiedByMeTime: (item) => (item.role === "owner" ? item.modifiedAt : 0),
  quotaBytesUsed: quotaBytes,
  recency: (item) => Math.max(item.modifiedAt, item.viewedAt ?? 0, item.sharedAt ?? 0),
  sharedWithMeTime: (item) => item.sharedAt ?? 0,
  starred: (item) => (item.starred ? 0 : 1),
  viewedByMeTime: (item) => item.viewedAt ?? 0,
};

/**
 * Reads `orderBy`: keys between commas, each perhaps with ` desc`; equal items stay in listing order.
 * @throws DriveError 400 for unknown keys, and beside a full text search
 */
export function ordering(
  orderBy: string,
  q: string | null,
): (a: DriveItem, b: DriveItem) => number {
  if (/\bfullText\b/.test(q ?? "")) {
    throw new DriveError(
      400,
      "badRequest",
      "Sorting is not supported for queries with fullText terms. Results are always in descending relevance order.",
      { place: { location: "orderBy", locationType: "parameter" } },
    );
  }
  const compares = orderBy.split(",").map(comparing);
  return (a, b) => {
    for (const compare of compares) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    return a.order - b.order;
  };
}

function comparing(part: string): (a: DriveItem, b: DriveItem) => number {
  const [name = "", direction] = part.trim().split(/ +/);
  const key = Object.hasOwn(sortKeys, name) ? sortKeys[name] : undefined;
  if (key === undefined || (direction ?? "desc") !== "desc") throw invalidParameter("orderBy");
  const sign = direction === "desc" ? -1 : 1;
  const natural = new Intl.Collator("en", { numeric: name === "name_natural" });
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    if (typeof left === "string") return sign * natural.compare(left, String(right));
    return sign * (left - Number(right));
  };
}
