import { type Answer, json } from "../kit/request.ts";
import { optional, readPath, rev, string, struct } from "./args.ts";
import { contentAnswer } from "./content-answer.ts";
import { contentHashOf } from "./content-hash.ts";
import type { Call, Context } from "./context.ts";
import { type Endpoint, endpoint, ok } from "./endpoint.ts";
import { ApiError, lookupRefusal, tag } from "./errors.ts";
import type { Revision } from "./item.ts";
import { fileMetadata } from "./metadata.ts";
import { nameOf } from "./paths.ts";
import { revisionAt } from "./resolve.ts";

const scope = "files.content.read";

const downloadArg = struct({ path: readPath, rev: optional(rev) });
const exportArg = struct({ path: readPath, export_format: optional(string()) });

/** Bytes out: of files, of exports, and by a link that anyone can follow. */
export const downloadEndpoints: readonly Endpoint[] = [
  endpoint({
    route: "files/download",
    style: "download",
    scope,
    argument: downloadArg,
    run({ path, rev: pinned }, call) {
      const revision = downloadable(call.context, pinned === null ? path : `rev:${pinned}`);
      const { content, rev: current } = revision.version;
      const headers = { etag: `W/"${current}"`, ...resultHeader(fileMetadata(revision)) };
      return contentAnswer(content, call.request, headers);
    },
  }),
  endpoint({
    route: "files/export",
    style: "download",
    scope,
    argument: exportArg,
    run: ({ path, export_format: format }, call) => exported(call, path, format),
  }),
  endpoint({
    route: "files/get_temporary_link",
    scope,
    argument: struct({ path: readPath }),
    run({ path }, { context }) {
      const revision = downloadable(context, path);
      const link = `${context.origin()}${context.temporaryLinks.mint(revision)}`;
      return ok({ metadata: fileMetadata(revision), link });
    },
  }),
];

function downloadable(context: Context, path: string): Revision {
  const revision = revisionAt(context, path);
  if (context.restrictedHashes.has(revision.version.contentHash))
    throw lookupRefusal("restricted_content");
  if (revision.version.exports !== null) throw new ApiError(tag("unsupported_file"));
  return revision;
}

function exported({ context, request }: Call, path: string, format: string | null): Answer {
  const revision = revisionAt(context, path);
  const { exports } = revision.version;
  if (exports === null) throw new ApiError(tag("non_exportable"));
  const chosen = format ?? exports.as;
  const content = exports.formats.get(chosen);
  if (content === undefined) throw new ApiError(tag("invalid_export_format"));
  const stem = nameOf(revision.display).replace(/\.[^.]*$/, "");
  const result = {
    export_metadata: {
      name: `${stem}.${chosen}`,
      size: content.sizeBytes,
      export_hash: contentHashOf(content),
    },
    file_metadata: fileMetadata(revision),
  };
  return contentAnswer(content, request, resultHeader(result));
}

/** JSON that a header can hold: everything from U+007F on escaped. */
function resultHeader(result: unknown): Record<string, string> {
  const { body } = json(200, result);
  const safe = String(body).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return { "dropbox-api-result": safe };
}
