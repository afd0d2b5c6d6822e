import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ItemId, Revision } from "../../src/core/entry.ts";
import { hasCode } from "./failure.ts";

const revision = z.nullable(z.string().transform((text) => text as Revision));
/** Names lead down, never up or out of the shelf. */
const name = z.string().refine((text) => !/^\.{0,2}$|[/\0]/.test(text));

const schema = z.object({
  id: z.string().transform((id) => id as ItemId),
  /** From the root, when it was kept. */
  names: z.array(name).min(1),
  /** Of a file: the revision that it had in its place. */
  revision,
  /** The revision that the file has on the shelf: another one where its bytes had to be copied. */
  keptAs: revision,
});

/** What is kept, so that it is found again whatever became of the folders that it was in. */
export type KeptRecord = z.infer<typeof schema>;

const suffix = ".json";
const pattern = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})Z_([^_]+?)(?:_(\d+))?(?:\.json)?$/;

/** The name of the `n`th folder for what is kept of an item at one time; ids hold no `_`. */
export function keptName(at: number, id: ItemId, n: number): string {
  const name = `${new Date(at).toISOString().replaceAll(":", "-")}_${id}`;
  return n === 1 ? name : `${name}_${n}`;
}

/** When it was kept, by the name of its folder or record; null for names that are not ours. */
export function timeIn(name: string): number | null {
  const [, day, hours, minutes, seconds] = pattern.exec(name) ?? [];
  const time = Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? null : time;
}

/** Records what is, or will at once be, in `folder`; it is on disk then. */
export async function writeRecord(folder: string, record: KeptRecord): Promise<void> {
  await writeFile(folder + suffix, JSON.stringify(record), { flush: true });
}

/** Forgets what was in `folder`. */
export async function removeRecord(folder: string): Promise<void> {
  await rm(folder + suffix, { force: true });
}

/** What is recorded of an item on a shelf, the newest first. */
export async function recordsOf(
  shelf: string,
  id: ItemId,
): Promise<{ readonly folder: string; readonly record: KeptRecord }[]> {
  const names = (await readdir(shelf)).filter((name) => pattern.exec(name)?.[5] === id);
  const records = names.filter((name) => name.endsWith(suffix)).sort(byAge);
  const found: { folder: string; record: KeptRecord }[] = [];
  for (const name of records) {
    const folder = join(shelf, name.slice(0, -suffix.length));
    const record = await readRecord(folder);
    if (record?.id === id) found.push({ folder, record });
  }
  return found;
}

function byAge(a: string, b: string): number {
  const nth = (name: string) => Number(pattern.exec(name)?.[6] ?? 1);
  return (timeIn(b) ?? 0) - (timeIn(a) ?? 0) || nth(b) - nth(a);
}

/** Null when it was removed since, or is none. */
async function readRecord(folder: string): Promise<KeptRecord | null> {
  try {
    return schema.safeParse(JSON.parse(await readFile(folder + suffix, "utf8"))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError || hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
