import { dirname, resolve, sep } from "node:path";
import type { Surroundings } from "./secrets.ts";

/** What is the program's own, and not for those who make accounts, rules and notifications in the dashboard. */

export interface OwnReference {
  /** The path of the field in what holds it. */
  readonly field: readonly (string | number)[];
  /** What is wrong, with what to do. */
  readonly message: string;
}

/**
 * References (`$NAME`, `$file:/path`) in a value that name variables of Syncline's own, or files of it: with them whoever
 * may say where a secret is sent could have its key sent there.
 */
export function ownReferences(
  value: unknown,
  surroundings: Surroundings,
  field: OwnReference["field"] = [],
): OwnReference[] {
  if (typeof value === "object" && value !== null) {
    const entries: (readonly [string | number, unknown])[] = Array.isArray(value)
      ? [...value.entries()]
      : Object.entries(value);
    return entries.flatMap(([key, each]) => ownReferences(each, surroundings, [...field, key]));
  }
  if (typeof value !== "string") return [];
  const message = objection(value, surroundings);
  return message === null ? [] : [{ field, message }];
}

function objection(text: string, { file, realPath, own = [] }: Surroundings): string | null {
  if (/^\$\{?SYNCLINE_/i.test(text)) {
    return `"${text}" is a variable of Syncline's own: keep the secret in one of another name`;
  }
  const given = /^\$file:(.*)$/s.exec(text)?.[1];
  if (given === undefined) return null;
  const path = resolve(dirname(file), given);
  const real = (each: string) => realPath?.(each) ?? each;
  const isOwn = own.some((each) => isWithin(real(path), real(each)) || isWithin(path, each));
  return isOwn
    ? `"${text}" is a file of Syncline's own or of the system: keep the secret in another folder`
    : null;
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
