import type { files } from "dropbox";
import type { ItemId, Revision } from "../../src/core/entry.ts";
import { isProviderError, ProviderError } from "../../src/core/error.ts";
import type { Provider, ReadOptions } from "../../src/core/provider.ts";
import type { Account } from "./account.ts";
import type { Call } from "./api.ts";
import { refusalOf, sentence } from "./refusal.ts";
import { formatOf } from "./translate.ts";

/** `Provider.read`: by id what is there now, by `rev:` a version, which no move or edit can change. */
export function openRead(account: Account): Provider["read"] {
  return async (id, options = {}) => {
    const { signal, exportAs } = options;
    signal?.throwIfAborted();
    const call = { operation: "read", item: account.named(id), signal };
    if (exportAs !== undefined) return exported(account, call, id, exportAs, options.revision);
    if (options.lengthBytes === 0) {
      await account.stat(id, signal);
      return empty();
    }
    try {
      return await content(account, call, id, options);
    } catch (error) {
      if (refusalOf(error)?.status === 416) return empty();
      if (options.revision !== undefined && isProviderError(error, "not-found")) {
        throw new ProviderError("changed", error.message, { cause: error });
      }
      throw error;
    }
  };
}

function content(
  account: Account,
  call: Call,
  id: ItemId,
  { revision, offset = 0, lengthBytes = Infinity }: ReadOptions,
): Promise<ReadableStream<Uint8Array>> {
  const path = revision === undefined ? id : `rev:${revision}`;
  const end = Number.isFinite(lengthBytes) ? offset + lengthBytes - 1 : "";
  const range = offset > 0 || end !== "" ? { Range: `bytes=${offset}-${end}` } : null;
  return account.api.download(
    call,
    (client, options) =>
      client.filesDownload(
        { path },
        range === null ? options : { ...options, extraHeaders: range },
      ),
    (metadata: files.FileMetadata) => {
      checkVersion(account, call, metadata, { id, revision });
      return Math.min(Math.max(0, metadata.size - offset), lengthBytes);
    },
  );
}

/** The default format is asked for by naming none: `export_format` takes the additional ones alone. */
async function exported(
  account: Account,
  call: Call,
  id: ItemId,
  exportAs: string,
  revision: Revision | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const known = await account.describe(id, call.signal);
  const format = formatOf(exportAs);
  const isDefault =
    known !== null && "export_info" in known && known.export_info?.export_as === format;
  return account.api.download(
    { ...call, operation: `export as ${exportAs}` },
    (client, options) =>
      client.filesExport({ path: id, ...(!isDefault && { export_format: format }) }, options),
    ({ export_metadata, file_metadata }: files.ExportResult) => {
      checkVersion(account, call, file_metadata, { id, revision });
      return export_metadata.size;
    },
  );
}

/** `changed` when Dropbox sends another version, or another file, than was asked for. */
function checkVersion(
  account: Account,
  { operation, item = "" }: Call,
  sent: files.FileMetadata,
  wanted: { readonly id: ItemId; readonly revision: Revision | undefined },
): void {
  const isRevision = wanted.revision === undefined || sent.rev === wanted.revision;
  if (isRevision && sent.id === wanted.id) return;
  const words = `dropbox sent ${sent.id} at revision ${sent.rev}`;
  throw new ProviderError("changed", sentence({ account: account.name, operation, item }, words));
}

function empty(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
