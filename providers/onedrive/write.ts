import type { Entry, Place } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import { canHold, type NameRules } from "../../src/core/names.ts";
import type { Clock, Source, Target, WriteOptions } from "../../src/core/provider.ts";
import type { Api } from "./api.ts";
import type { Drive } from "./drive.ts";
import type { Items } from "./items.ts";
import { settle, type Unanswered } from "./settle.ts";
import { upload } from "./upload.ts";
import type { Versions } from "./versions.ts";

/** Microsoft support: "Restrictions and limitations in OneDrive and SharePoint". */
export const maxFileBytes = 250 * 1024 ** 3;

/** What changes are made with. */
export interface EditContext {
  readonly api: Api;
  readonly drive: Drive;
  readonly items: Items;
  readonly clock: Clock;
  readonly names: NameRules;
  readonly unanswered: Unanswered;
  readonly versions: Versions;
}

/** See `Provider.write`. */
export async function write(
  context: EditContext,
  target: Target,
  source: Source,
  options: WriteOptions,
): Promise<Entry> {
  options.signal?.throwIfAborted();
  if ((source.sizeBytes ?? 0) > maxFileBytes) {
    throw new ProviderError("too-large", `onedrive: ${source.sizeBytes} bytes are too many`);
  }
  return target.type === "new"
    ? create(context, target.at, source, options)
    : replace(context, target, source, options);
}

/** Refuses beforehand what no name may be, in the same words for all that the service may say. */
export function checkName(name: string, names: NameRules): void {
  const reason = canHold(name, names);
  if (reason === null) return;
  throw new ProviderError("name-refused", `onedrive: the name ${JSON.stringify(name)} ${reason}`);
}

/** Gives the refusal of a taken place what has it. */
export async function asTaken(
  { items }: Pick<EditContext, "items">,
  at: Place,
  error: unknown,
): Promise<unknown> {
  if (!isProviderError(error, "already-exists")) return error;
  const there = await items.at(at);
  // Nothing may be there: on Business an upload under way has its name for itself (OneDrive API docs, issue 747).
  const existing = there && items.entryOf(there);
  return new ProviderError("already-exists", error.message, { existing, cause: error });
}

async function create(
  context: EditContext,
  at: Place,
  source: Source,
  options: WriteOptions,
): Promise<Entry> {
  const { api, drive, items, clock, names, unanswered } = context;
  checkName(at.name, names);
  const label = `"${at.name}"`;
  const path = await drive.at(at);
  const find = () => items.at(at);
  const isHeld = async () => (await find()) === null;
  return unanswered.remember({ path, find, options }, async (onWhole) => {
    try {
      const request = { path, label, currentTag: null, isHeld, onWhole, source, options };
      return await settle(items, await upload(api, clock, request), { label, find, options });
    } catch (error) {
      throw await asTaken(context, at, error);
    }
  });
}

async function replace(
  context: EditContext,
  { id, revision }: Extract<Target, { readonly type: "replace" }>,
  source: Source,
  options: WriteOptions,
): Promise<Entry> {
  const { api, drive, items, clock, unanswered, versions } = context;
  const label = api.label(id);
  const currentTag = async () => {
    const item = await items.lookAt(id, revision, options.signal);
    versions.note(item, revision);
    if (item.eTag) return item.eTag;
    throw new ProviderError("unexpected", `onedrive: the answer has no "eTag" in ${label}`);
  };
  const path = await drive.item(id);
  const find = () => items.look(id);
  const isHeld = async () => true;
  return unanswered.remember({ path, find, options }, async (onWhole) => {
    const request = { path, label, currentTag, isHeld, onWhole, source, options };
    const replaced = await upload(api, clock, request);
    const entry = await settle(items, replaced, { label, find, options, former: revision });
    if (replaced.item && entry.revision) versions.note(replaced.item, entry.revision);
    return entry;
  });
}
