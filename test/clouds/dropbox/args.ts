import { BadRequest } from "./errors.ts";

/** Reads a JSON value as a type of the API; throws `BadRequest` that names the place. */
export type Decoder<T> = (value: unknown, at: string) => T;

interface Fields {
  readonly [name: string]: Decoder<unknown>;
}
type Struct<F extends Fields> = { readonly [Name in keyof F]: ReturnType<F[Name]> };

interface StringLimits {
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
}

/** Text; the pattern has to match all of it. */
export function string({ pattern, min = 0, max = Infinity }: StringLimits = {}): Decoder<string> {
  const whole = pattern === undefined ? null : new RegExp(`^(?:${pattern})$`);
  return (value, at) => {
    if (typeof value !== "string") throw expected("string", value, at);
    if (value.length < min || value.length > max) {
      throw wrong(at, `'${value}' must be at least ${min} and at most ${max} characters`);
    }
    if (whole?.test(value) === false) {
      throw wrong(at, `'${value}' did not match pattern '${pattern}'`);
    }
    return value;
  };
}

/** For functions without an argument: an empty body or `null`. */
export const nothing: Decoder<null> = (value, at) => {
  if (value === null || value === undefined) return null;
  throw expected("null", value, at);
};

/** A field that a stand-in takes and ignores. */
export const anything: Decoder<unknown> = (value) => value;

/** True or false, and nothing that resembles them. */
export const boolean: Decoder<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw expected("boolean", value, at);
  return value;
};

/** A whole number that JSON holds exactly. */
export function uint(min = 0, max: number = Number.MAX_SAFE_INTEGER): Decoder<number> {
  return (value, at) => {
    if (typeof value !== "number" || !Number.isInteger(value)) {
      throw expected("integer", value, at);
    }
    if (value < min || value > max) throw wrong(at, `${value} is not within range ${min}..${max}`);
    return value;
  };
}

/** An array of at most `max` items. */
export function list<T>(item: Decoder<T>, max = Infinity): Decoder<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw expected("list", value, at);
    if (value.length > max) throw wrong(at, `list has more than ${max} items`);
    return value.map((one, index) => item(one, `${at}[${index}]`));
  };
}

/** A field that may be left out or null. */
export function optional<T>(decode: Decoder<T>): Decoder<T | null> {
  return (value, at) => (value === undefined || value === null ? null : decode(value, at));
}

/** A field that may be left out. */
export function withDefault<T>(decode: Decoder<T>, otherwise: T): Decoder<T> {
  return (value, at) => (value === undefined ? otherwise : decode(value, at));
}

/** An object of these fields and no others. */
export function struct<F extends Fields>(fields: F): Decoder<Struct<F>> {
  return (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw expected("object", value, at);
    }
    const given = new Map<string, unknown>(Object.entries(value));
    for (const name of given.keys()) {
      if (!(name in fields) && name !== ".tag") throw wrong(at, `unknown field '${name}'`);
    }
    const read = Object.entries(fields).map(([name, decode]) => {
      const inside = at === "" ? name : `${at}.${name}`;
      return [name, decode(given.get(name), inside)];
    });
    return Object.fromEntries(read) as Struct<F>;
  };
}

/** A member of a union without value: `"add"` or `{".tag": "add"}`. */
export function tagOf<const T extends string>(names: readonly T[]): Decoder<T> {
  return (value, at) => {
    const name = readTag(value, at);
    const known = names.find((one) => one === name);
    if (known === undefined) throw wrong(at, `unknown tag '${name}'`);
    return known;
  };
}

/** Dropbox docs: WriteMode; only void members may be written as a mere string. */
export const writeMode: Decoder<"add" | "overwrite" | { readonly update: string }> = (
  value,
  at,
) => {
  const name = readTag(value, at);
  if (name === "add" || name === "overwrite") return name;
  if (name !== "update") throw wrong(at, `unknown tag '${name}'`);
  if (typeof value !== "object" || value === null || !("update" in value)) {
    throw wrong(at, "missing required field 'update'");
  }
  return { update: rev(value.update, `${at}.update`) };
};

/** Dropbox docs: DropboxTimestamp, `%Y-%m-%dT%H:%M:%SZ`; milliseconds since 1970. */
export const timestamp: Decoder<number> = (value, at) => {
  if (typeof value !== "string") throw expected("string", value, at);
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw wrong(at, `time data '${value}' does not match format '%Y-%m-%dT%H:%M:%SZ'`);
  }
  return ms;
};

/** Dropbox docs: Rev. */
export const rev = string({ pattern: "[0-9a-f]+", min: 9 });
/** Dropbox docs: Sha256HexHash. */
export const contentHash = string({ min: 64, max: 64 });

const absolute = "/(.|[\\r\\n])*";
const namespaced = "ns:[0-9]+(/(.|[\\r\\n])*)?";
/** Dropbox docs: the aliases PathOrId, PathROrId, ReadPath, WritePath and WritePathOrId. */
export const pathOrId = path(`${absolute}|id:.*|(${namespaced})`);
/** Empty for the root. */
export const rootOrPathOrId = path(`(${absolute})?|id:.*|(${namespaced})`);
/** Revisions too. */
export const readPath = path(`(${absolute}|id:.*)|(rev:[0-9a-f]{9,})|(${namespaced})`);
/** No ids: something new has none. */
export const writePath = path(`(${absolute})|(${namespaced})`);
/** Also by the id of what is there. */
export const writePathOrId = path(`(${absolute})|(${namespaced})|(id:.*)`);

function path(pattern: string): Decoder<string> {
  const text = string({ pattern });
  return (value, at) => {
    if (value !== "/") return text(value, at);
    throw wrong(at, 'Specify the root folder as an empty string rather than as "/".');
  };
}

function readTag(value: unknown, at: string): unknown {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && ".tag" in value) return value[".tag"];
  throw expected("tagged union", value, at);
}

function expected(type: string, value: unknown, at: string): BadRequest {
  if (value === undefined) return wrong(at, "missing required field");
  const got = value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
  return wrong(at, `expected ${type}, got ${got}`);
}

function wrong(at: string, why: string): BadRequest {
  return new BadRequest(at === "" ? why : `${at}: ${why}`);
}
