import type { Drive } from "./drive.ts";
import { invalidParameter } from "./errors.ts";
import type { DriveItem } from "./item.ts";
import type { Operator, Query } from "./query-syntax.ts";

/** Who asks: some terms mean the signed-in user or the calling app. */
export interface Asker {
  readonly email: string;
  readonly clientId: string;
}

/** Whether an item answers a search. */
export type Test = (item: DriveItem) => boolean;

/**
 * Turns a query into a test.
 * @throws DriveError 400 `invalid` for terms, operators and values that the documentation doesn't list,
 * 404 for a parent that isn't there.
 */
export function compile(query: Query, drive: Drive, asker: Asker): Test {
  switch (query.type) {
    case "and":
    case "or": {
      const left = compile(query.left, drive, asker);
      const right = compile(query.right, drive, asker);
      return query.type === "and"
        ? (item) => left(item) && right(item)
        : (item) => left(item) || right(item);
    }
    case "not": {
      const inner = compile(query.inner, drive, asker);
      return (item) => !inner(item);
    }
    case "in":
      return membership(query.collection, query.value, drive, asker);
    case "has":
      return property(query.collection, query.key, query.value, asker);
    case "compare":
      return comparison(query.term, query.operator, query.value, drive);
  }
}

/** The folders that everything found must lie in directly; null when the query does not say so. */
export function requiredParents(query: Query | null, drive: Drive): ReadonlySet<string> | null {
  if (query?.type === "in" && query.collection === "parents") {
    return new Set([drive.get(query.value).id]);
  }
  if (query?.type !== "and" && query?.type !== "or") return null;
  const left = requiredParents(query.left, drive);
  const right = requiredParents(query.right, drive);
  if (query.type === "and") return left ?? right;
  return left === null || right === null ? null : new Set([...left, ...right]);
}

function membership(collection: string, value: string, drive: Drive, asker: Asker): Test {
  const isMe = value === "me" || value === asker.email;
  switch (collection) {
    case "parents": {
      const { id } = drive.get(value);
      return (item) => item.parent === id;
    }
    case "owners":
      return (item) => isMe === (item.role === "owner");
    case "writers":
      return (item) => isMe && item.role !== "reader";
    case "readers":
      return () => isMe;
    default:
      throw invalidParameter("q");
  }
}

function property(collection: string, key: string, value: string, asker: Asker): Test {
  if (collection === "properties") return (item) => item.properties[key] === value;
  if (collection !== "appProperties") throw invalidParameter("q");
  return (item) => item.appProperties[asker.clientId]?.[key] === value;
}

type Comparison = (operator: Operator, value: string, drive: Drive) => Test;

const comparisons: Readonly<Record<string, Comparison>> = {
  name: texts((item) => item.name, hasWordsFrom),
  fullText: texts((item) => `${item.name} ${item.description ?? ""}`, hasWordsFrom, ["contains"]),
  mimeType: texts(
    (item) => item.mimeType,
    (text, part) => text.includes(part),
  ),
  modifiedTime: times((item) => item.modifiedAt),
  createdTime: times((item) => item.createdAt),
  viewedByMeTime: times((item) => item.viewedAt),
  sharedWithMeTime: times((item) => item.sharedAt),
  trashed: flags((item, drive) => drive.isTrashed(item)),
  starred: flags((item) => item.starred),
  sharedWithMe: flags((item) => item.sharedAt !== null),
  "shortcutDetails.targetId": texts(
    (item) => item.shortcutTarget ?? "",
    () => false,
    ["=", "!="],
  ),
};

function comparison(term: string, operator: Operator, value: string, drive: Drive): Test {
  const compare = Object.hasOwn(comparisons, term) ? comparisons[term] : undefined;
  if (compare === undefined) throw invalidParameter("q");
  return compare(operator, value, drive);
}

/** `=` does not heed case (observed by rclone, which looks at each hit's case itself). */
function texts(
  read: (item: DriveItem) => string,
  contains: (text: string, part: string) => boolean,
  allowed: readonly Operator[] = ["contains", "=", "!="],
): Comparison {
  return (operator, value) => {
    if (!allowed.includes(operator)) throw invalidParameter("q");
    const wanted = value.toLowerCase();
    return (item) => {
      const text = read(item).toLowerCase();
      if (operator === "contains") return contains(text, wanted);
      return (text === wanted) === (operator === "=");
    };
  };
}

/** `contains` finds the beginnings of words only. */
function hasWordsFrom(text: string, part: string): boolean {
  return (
    text.startsWith(part) || text.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(part))
  );
}

/** Without a zone a time is UTC. */
function times(read: (item: DriveItem) => number | null): Comparison {
  return (operator, value) => {
    const zoned = /T/.test(value) && !/(?:[Zz]|[+-]\d\d:\d\d)$/.test(value) ? `${value}Z` : value;
    const wanted = Date.parse(zoned);
    const holds = orders[operator];
    if (Number.isNaN(wanted) || holds === undefined) throw invalidParameter("q");
    return (item) => {
      const time = read(item);
      return time !== null && holds(time - wanted);
    };
  };
}

const orders: Readonly<Partial<Record<Operator, (difference: number) => boolean>>> = {
  "=": (difference) => difference === 0,
  "!=": (difference) => difference !== 0,
  "<": (difference) => difference < 0,
  "<=": (difference) => difference <= 0,
  ">": (difference) => difference > 0,
  ">=": (difference) => difference >= 0,
};

function flags(read: (item: DriveItem, drive: Drive) => boolean): Comparison {
  return (operator, value, drive) => {
    const known = value === "true" || value === "false";
    if (!known || (operator !== "=" && operator !== "!=")) throw invalidParameter("q");
    const wanted = (value === "true") === (operator === "=");
    return (item) => read(item, drive) === wanted;
  };
}
