import { googleType } from "./item.ts";

const office = "application/vnd.openxmlformats-officedocument";
const docx = `${office}.wordprocessingml.document`;
const xlsx = `${office}.spreadsheetml.sheet`;
const pptx = `${office}.presentationml.presentation`;
const openDocument = "application/vnd.oasis.opendocument";

/** What each Google type can be exported as (Drive docs: "Export MIME types for Google Workspace documents"). */
export const exportFormats: Readonly<Record<string, readonly string[]>> = {
  [googleType("document")]: [
    docx,
    `${openDocument}.text`,
    "application/rtf",
    "application/pdf",
    "text/plain",
    "application/zip",
    "application/epub+zip",
    "text/markdown",
  ],
  [googleType("spreadsheet")]: [
    xlsx,
    "application/x-vnd.oasis.opendocument.spreadsheet",
    "application/pdf",
    "application/zip",
    "text/csv",
    "text/tab-separated-values",
  ],
  [googleType("presentation")]: [
    pptx,
    `${openDocument}.presentation`,
    "application/pdf",
    "text/plain",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
  ],
  [googleType("drawing")]: ["application/pdf", "image/jpeg", "image/png", "image/svg+xml"],
  [googleType("script")]: ["application/vnd.google-apps.script+json"],
};

/** What an upload of each type can be converted to. */
export const importFormats: Readonly<Record<string, readonly string[]>> = {
  [docx]: [googleType("document")],
  "application/rtf": [googleType("document")],
  "text/plain": [googleType("document")],
  "text/html": [googleType("document")],
  "text/markdown": [googleType("document")],
  [xlsx]: [googleType("spreadsheet")],
  "text/csv": [googleType("spreadsheet")],
  [pptx]: [googleType("presentation")],
};

const typesByExtension: Readonly<Record<string, string>> = {
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  pdf: "application/pdf",
  jpg: "image/jpeg",
  png: "image/png",
  zip: "application/zip",
  docx,
  xlsx,
  pptx,
};

/** The last part of a name behind a dot, without the dot; null where there is none. */
export function extensionOf(name: string): string | null {
  return /[^.].*\.([A-Za-z0-9]+)$/.exec(name)?.[1] ?? null;
}

/** What Drive takes a blob for when nobody says it. */
export function sniffType(name: string): string {
  return typesByExtension[extensionOf(name)?.toLowerCase() ?? ""] ?? "application/octet-stream";
}
