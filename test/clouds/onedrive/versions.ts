import { json } from "../kit/request.ts";
import { itemPath } from "./address.ts";
import { GraphError, itemNotFound } from "./errors.ts";
import type { Version } from "./item.ts";
import type { Call, Method } from "./method.ts";
import { isoSeconds } from "./resource.ts";
import { checkUnlocked } from "./write.ts";

const versionAt = String.raw`versions\/([^/]+)`;

/** Earlier contents of files. */
export const versionMethods: readonly Method[] = [
  {
    name: "versions.list",
    http: "GET",
    path: itemPath("versions"),
    query: "",
    needs: "read",
    handle: (call) => json(200, { value: call.item().versions.toReversed().map(versionResource) }),
  },
  {
    name: "versions.get",
    http: "GET",
    path: itemPath(versionAt),
    query: "",
    needs: "read",
    handle: (call) => json(200, versionResource(versionOf(call))),
  },
  {
    name: "versions.content",
    http: "GET",
    path: itemPath(String.raw`${versionAt}\/content`),
    query: "",
    needs: "read",
    handle(call) {
      const item = call.item();
      const version = versionOf(call);
      // Graph docs, "Download contents of a driveItemVersion": the current one has no address of its own.
      if (version === item.versions.at(-1)) {
        throw new GraphError(
          400,
          "invalidRequest",
          "You cannot get the content of the current version.",
        );
      }
      const location = call.context.links.create(call.address().drive.id, item.id, version.id);
      return { status: 302, headers: { location } };
    },
  },
  {
    name: "versions.restore",
    http: "POST",
    path: itemPath(String.raw`${versionAt}\/restoreVersion`),
    query: "",
    needs: "write",
    handle(call) {
      const item = call.item();
      const { drive } = call.address();
      checkUnlocked(drive, item);
      const { blob, mimeType } = versionOf(call);
      const id = `${Number.parseInt(item.versions.at(-1)?.id ?? "0", 10) + 1}.0`;
      const modifiedAt = call.context.now();
      const versions = [...item.versions, { id, blob, mimeType, modifiedAt }];
      drive.update(item.id, { versions, modifiedAt }, true);
      return { status: 204 };
    },
  },
];

function versionOf(call: Call): Version {
  const id = decodeURIComponent(call.request.params[3] ?? "");
  const version = call.item().versions.find((one) => one.id === id);
  if (version === undefined) throw itemNotFound();
  return version;
}

function versionResource({ id, blob, modifiedAt }: Version): object {
  return { id, size: blob.content.sizeBytes, lastModifiedDateTime: isoSeconds(modifiedAt) };
}
