import { bytesContent } from "../kit/content.ts";
import type { Blob } from "./blob.ts";
import { blobOf } from "./blob.ts";
import type { Drive } from "./drive.ts";
import { badRequest, DriveError, storageFull } from "./errors.ts";
import { importFormats, sniffType } from "./formats.ts";
import { type DriveItem, folderType, isGoogleType, type Revision, shortcutType } from "./item.ts";
import type { Metadata } from "./metadata.ts";
import { withRevision } from "./revisions.ts";

export interface ContentRequest {
  readonly keepRevisionForever?: boolean;
  /** What the upload said its bytes are. */
  readonly uploadType?: string | null;
}

/** What content goes into. */
export interface ContentTarget {
  readonly name: string;
  /** Null: not said. */
  readonly mimeType: string | null;
  readonly revisions: readonly Revision[];
}

/** Roughly what an empty document of Google's occupies. */
const emptyDocumentBytes = 1024;

/**
 * What bytes, or for a new item their absence, make of an item: a revision of a blob, the size of a document
 * that they are converted to, nothing for folders and shortcuts.
 * @throws DriveError
 */
export function contentFields(
  drive: Drive,
  target: ContentTarget,
  metadata: Metadata,
  blob: Blob | null,
  request: ContentRequest,
): Partial<DriveItem> & { readonly mimeType: string } {
  const mimeType = target.mimeType ?? typeOf(target.name, request);
  if (mimeType === folderType || mimeType === shortcutType) {
    if (blob !== null) throw badRequest("A folder or shortcut has no content.");
    return { mimeType };
  }
  const sizeBytes = blob?.content.sizeBytes ?? 0;
  checkStorage(drive, sizeBytes, target.revisions.at(-1));
  if (isGoogleType(mimeType)) {
    if (blob !== null) checkConversion(typeOf(target.name, request), mimeType);
    return { mimeType, documentBytes: sizeBytes + emptyDocumentBytes };
  }
  const originalFilename = metadata.originalFilename ?? metadata.name ?? target.name;
  const content = blob ?? blobOf(bytesContent(Buffer.alloc(0)));
  const revisions = withRevision(drive, target.revisions, content, {
    mimeType,
    originalFilename,
    modifiedAt: metadata.modifiedTime ?? drive.now(),
    keepForever: request.keepRevisionForever ?? false,
  });
  return { mimeType, originalFilename, revisions };
}

/**
 * Whether so many bytes fit, in place of a head that counts no more when it is replaced.
 * @throws DriveError
 */
export function checkStorage(drive: Drive, sizeBytes: number, head: Revision | undefined): void {
  const { storageBytes, maxUploadBytes } = drive.behaviour;
  if (sizeBytes > maxUploadBytes) {
    throw new DriveError(413, "uploadTooLarge", `Uploads hold at most ${maxUploadBytes} bytes.`);
  }
  const freed = head === undefined || head.keepForever ? 0 : head.content.sizeBytes;
  const used = drive.usedBytes() - freed + sizeBytes;
  if (storageBytes !== null && used > storageBytes) throw storageFull();
}

function typeOf(name: string, { uploadType }: ContentRequest): string {
  const said = uploadType?.split(";")[0]?.trim() ?? "";
  return said === "" || said === "application/octet-stream" ? sniffType(name) : said;
}

function checkConversion(from: string, to: string): void {
  if (importFormats[from]?.includes(to) === true) return;
  throw badRequest(`Bad Request: ${from} can't be converted to ${to}.`);
}
