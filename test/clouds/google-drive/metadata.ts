import { z } from "zod";
import { fieldNotWritable, invalidBody } from "./errors.ts";
import { fileFields } from "./schema.ts";

const maxPropertyBytes = 124;

const text = z.string().refine((value) => value.isWellFormed());
/** RFC 3339; Drive keeps milliseconds, finer digits are cut off. Becomes milliseconds since 1970. */
const instant = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));
/** A null value removes the property. */
const properties = z
  .record(z.string(), z.string().nullable())
  .refine((all) =>
    Object.entries(all).every(
      ([key, value]) => Buffer.byteLength(`${key}${value ?? ""}`) <= maxPropertyBytes,
    ),
  );

const writable = z
  .object({
    id: text,
    name: text,
    mimeType: text,
    parents: z.array(text),
    description: text,
    starred: z.boolean(),
    trashed: z.boolean(),
    createdTime: instant,
    modifiedTime: instant,
    viewedByMeTime: instant,
    originalFilename: text,
    properties,
    appProperties: properties,
    shortcutDetails: z.object({ targetId: text }),
  })
  .partial();

/** What a request's body says of a file; only what it names. */
export type Metadata = z.output<typeof writable>;

export type MetadataUse = "create" | "update" | "copy";

/** Writable on the real service, but nothing that this stand-in keeps. */
const accepted = new Set([
  "kind",
  "contentHints",
  "copyRequiresWriterPermission",
  "viewersCanCopyContent",
  "writersCanShare",
  "folderColorRgb",
]);

const refused: Readonly<Record<MetadataUse, Readonly<Record<string, string>>>> = {
  create: { trashed: "Trash the file after it was created." },
  copy: { trashed: "Trash the file after it was created." },
  update: {
    id: "The ID of a file never changes.",
    createdTime: "The creation time is set when the file is created.",
    parents: "Use the addParents and removeParents parameters instead.",
    shortcutDetails: "The target of a shortcut never changes.",
  },
};

/**
 * Reads a `File` resource from a request's body.
 * @throws DriveError 400 for unknown fields and wrong values, 403 `fieldNotWritable` for fields that this
 * method can't set.
 */
export function readMetadata(body: unknown, use: MetadataUse): Metadata {
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw invalidBody("Invalid JSON payload received. Root element must be a message.");
  }
  const given = Object.entries(body).filter(([field, value]) => isToSet(field, value, use));
  const read = writable.safeParse(Object.fromEntries(given));
  if (read.success) return read.data;
  throw invalidBody(`Invalid value for: ${read.error.issues[0]?.path.join(".") ?? "file"}`);
}

function isToSet(field: string, value: unknown, use: MetadataUse): boolean {
  if (accepted.has(field)) return false;
  if (!fileFields.has(field)) {
    throw invalidBody(`Invalid JSON payload received. Unknown name "${field}": Cannot find field.`);
  }
  const hint = refused[use][field];
  if (hint !== undefined) throw fieldNotWritable(hint);
  if (!Object.hasOwn(writable.shape, field)) throw fieldNotWritable(`'${field}' is read only.`);
  return value !== null;
}
