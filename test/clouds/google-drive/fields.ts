import { DriveError } from "./errors.ts";

/**
 * Which fields an answer holds: `true` for all of them, else the named ones. The same shape serves as a
 * schema, where `true` is a leaf or a map with free keys.
 */
export type Mask = true | { readonly [field: string]: Mask };

/**
 * Reads a `fields` parameter: `a,b`, `a/b`, `a(b,c/d)`, `*` (Google docs: "Partial responses").
 * @throws DriveError 400 `invalidParameter` for bad syntax and for fields that `schema` lacks.
 */
export function parseFields(text: string, schema: Mask): Mask {
  const tokens = text.match(/[^,/()\s]+|[,/()]/g) ?? [];
  let at = 0;
  const fail = (what: string): DriveError =>
    new DriveError(400, "invalidParameter", `Invalid field selection ${what}`, {
      place: { location: "fields", locationType: "parameter" },
    });

  function selection(within: Mask): Mask {
    let mask: Mask = {};
    do {
      mask = merge(mask, path(within));
    } while (tokens[at] === "," && ++at > 0);
    return mask;
  }

  function path(within: Mask): Mask {
    const name = tokens[at++];
    if (name === undefined || ",/()".includes(name)) throw fail(name ?? text);
    if (name === "*") return rest(within, true);
    const inner = within === true ? undefined : within[name];
    if (inner === undefined) throw fail(name);
    return { [name]: rest(inner, false) };
  }

  /** What follows a name: nothing, a step down, or a list in parentheses. */
  function rest(inner: Mask, wild: boolean): Mask {
    const next = tokens[at];
    if (next !== "/" && next !== "(") return true;
    if (wild) throw fail("*");
    at += 1;
    const free = inner === true;
    if (free) throw fail(tokens[at] ?? text);
    if (next === "/") return path(inner);
    const mask = selection(inner);
    if (tokens[at++] !== ")") throw fail(text);
    return mask;
  }

  const mask = selection(schema);
  if (at !== tokens.length) throw fail(tokens[at] ?? text);
  return mask;
}

function merge(a: Mask, b: Mask): Mask {
  if (a === true || b === true) return true;
  const merged: Record<string, Mask> = { ...a };
  for (const [name, mask] of Object.entries(b)) {
    const before = merged[name];
    merged[name] = before === undefined ? mask : merge(before, mask);
  }
  return merged;
}

/** The part of `value` that `mask` asks for; arrays element by element, absent fields stay absent. */
export function pick(value: unknown, mask: Mask): unknown {
  if (mask === true || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((element) => pick(element, mask));
  const picked: Record<string, unknown> = {};
  // Only what is asked for is read: some fields are costly getters.
  for (const name of Object.keys(value)) {
    const wanted = mask[name];
    if (wanted === undefined) continue;
    const inner: unknown = Reflect.get(value, name);
    if (inner !== undefined) picked[name] = pick(inner, wanted);
  }
  return picked;
}

/** A mask from names, with nested lists where given: `fieldsOf("id name", { user: fieldsOf("me") })`. */
export function fieldsOf(names: string, nested: Record<string, Mask> = {}): Mask {
  return {
    ...Object.fromEntries(names.split(" ").map((name) => [name, true as const])),
    ...nested,
  };
}
