import { describe, expect, it } from "vitest";
import { toProviderError, toTokenError } from "../../providers/onedrive/errors.ts";
import { libraryNameRules, nameRules } from "../../providers/onedrive/names.ts";
import {
  type DriveItem,
  driveIdOf,
  isAt,
  isRewritten,
  revisionOf,
  toChange,
  toEntry,
  toTimestamp,
} from "../../providers/onedrive/translate.ts";
import type { Revision } from "../../src/core/entry.ts";
import type { Failure } from "../../src/core/error.ts";
import { alias, canHold } from "../../src/core/names.ts";
import { createQuickXor } from "../../src/core/quick-xor.ts";

const file: DriveItem = {
  id: "01ABC",
  name: "a.txt",
  size: 5,
  eTag: '"{1},4"',
  cTag: '"c:{1},2"',
  createdDateTime: "2026-01-01T00:00:00Z",
  lastModifiedDateTime: "2026-05-01T00:00:00Z",
  parentReference: { id: "01PARENT", driveId: "b!x", driveType: "business" },
  fileSystemInfo: {
    createdDateTime: "2020-01-01T00:00:00Z",
    lastModifiedDateTime: "2020-05-04T03:02:01.987Z",
  },
  file: { hashes: { quickXorHash: "aCgDG9jwBhDc4Q1yawMZAAAAAAA=", sha1Hash: "AB12" } },
};
const { file: _, size: __, ...bare } = file;

describe("an item of Graph", () => {
  it("is a file with the times that people see, in whole seconds", () => {
    expect(toEntry(file)).toEqual({
      id: "01ABC",
      parent: "01PARENT",
      name: "a.txt",
      kind: "file",
      sizeBytes: 5,
      revision: "5.aCgDG9jwBhDc4Q1yawMZAAAAAAA=",
      hashes: { quickXor: "aCgDG9jwBhDc4Q1yawMZAAAAAAA=", sha1: "ab12" },
      modifiedAt: new Date("2020-05-04T03:02:01Z"),
      createdAt: new Date("2020-01-01T00:00:00Z"),
    });
  });

  it("is a folder without size, revision and hashes", () => {
    const folder = toEntry({ ...bare, size: 900, folder: {} });
    expect(folder).toMatchObject({ kind: "folder", sizeBytes: null, revision: null, hashes: {} });
  });

  it("is the root without name and parent", () => {
    expect(toEntry({ ...bare, name: "root", folder: {}, root: {} })).toMatchObject({
      kind: "folder",
      name: "",
      parent: null,
    });
  });

  it.each<[string, DriveItem]>([
    ["oneNote", { ...bare, package: { type: "oneNote" } }],
    ["shortcut", { ...bare, remoteItem: {}, folder: {} }],
    ["malware", { ...file, malware: {} }],
    ["other", bare],
  ])("is native where it has no bytes for us: %s", (type, item) => {
    const entry = toEntry(item);
    expect(entry).toMatchObject({ kind: "native", native: { type, exports: [] }, sizeBytes: null });
    expect(entry.revision).not.toBeNull();
  });

  it("is gone when it is deleted, with its id alone", () => {
    expect(toChange({ id: "01ABC", deleted: {} }, { get: () => null })).toEqual({
      type: "gone",
      id: "01ABC",
    });
  });

  it.each([
    ["id", { ...file, id: "" }],
    ["size", { id: "01ABC", name: "a", file: {} }],
    ["name", { id: "01ABC", folder: {} }],
  ])("is refused without %s", (_, item) => {
    expect(() => toEntry(item)).toThrow("onedrive");
  });
});

describe("the revision", () => {
  it("stays across a rename, a time and an answer without the cTag", () => {
    const { cTag: ___, ...delta } = file;
    expect(revisionOf({ ...delta, name: "b.txt", eTag: '"{1},9"' })).toBe(revisionOf(file));
  });

  it("is the cTag where there is no hash, and still names the content when the hash has come", () => {
    const fresh = { ...file, file: {} };
    expect(revisionOf(fresh)).toBe('c."c:{1},2"');
    expect(isAt(file, revisionOf(fresh))).toBe(true);
    expect(isAt({ ...file, cTag: '"c:{1},3"' }, revisionOf(fresh))).toBe(false);
  });

  it("is another one for other bytes", () => {
    expect(isAt({ ...file, size: 6 }, revisionOf(file))).toBe(false);
    expect(isAt(file, "6.x" as Revision)).toBe(false);
  });
});

describe("quickXorHash", () => {
  it.each([
    ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    ["a", "YQAAAAAAAAAAAAAAAQAAAAAAAAA="],
    ["hello world", "aCgDG9jwBhDc4Q1yawMZAAAAAAA="],
    ["123456789", "MZDBDGhQAxvcAAc5CQAAAAAAAAA="],
  ])("of %j", (text, expected) => {
    const hash = createQuickXor();
    for (const byte of Buffer.from(text)) hash.update(Uint8Array.of(byte));
    expect(hash.digest()).toBe(expected);
  });

  it("of more than one turn", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    const hash = createQuickXor();
    hash.update(bytes.subarray(0, 77_777));
    hash.update(bytes.subarray(77_777));
    expect(hash.digest()).toBe("w5L+yXEbQ4GhItZONbG3zV6jdSU=");
  });
});

describe("a refusal of Graph", () => {
  const graph = (code: string, inner?: string, message = "words") =>
    JSON.stringify({
      error: { code, message, ...(inner && { innerError: { "request-id": "1", code: inner } }) },
    });

  it.each<[number, string, Failure]>([
    [400, graph("invalidRequest"), "unexpected"],
    [400, graph("invalidRequest", "pathIsTooLong"), "name-refused"],
    [401, graph("InvalidAuthenticationToken"), "unauthorized"],
    [401, graph("unauthenticated", undefined, "Unable to initialize RPS"), "unavailable"],
    [403, graph("accessDenied"), "forbidden"],
    [403, graph("accessDenied", "throttledRequest"), "rate-limited"],
    [403, graph("malwareDetected"), "forbidden"],
    [404, graph("itemNotFound"), "not-found"],
    [409, graph("nameAlreadyExists"), "already-exists"],
    [412, graph("resourceModified"), "changed"],
    [413, "too big", "too-large"],
    [423, graph("resourceLocked"), "unavailable"],
    [429, graph("activityLimitReached"), "rate-limited"],
    [500, "<html>oops</html>", "unavailable"],
    [503, graph("serviceNotAvailable"), "unavailable"],
    [507, graph("quotaLimitReached"), "out-of-space"],
    [509, "", "rate-limited"],
  ])("%d %s is %s", (status, body, expected) => {
    const refusal = { status, body, retryAfter: "7" };
    const error = toProviderError(refusal, { operation: "read", item: "x" }, 0);
    expect(error).toMatchObject({ failure: expected, retryAfterMs: 7000 });
    expect(error.message).toContain("onedrive: could not read x");
  });

  it("means what it means for the request", () => {
    const attempt = { operation: "read", item: "x", statuses: { 410: "cursor-expired" as const } };
    const refusal = { status: 410, body: graph("resyncRequired"), retryAfter: null };
    expect(toProviderError(refusal, attempt, 0).failure).toBe("cursor-expired");
  });
});

describe("a refusal of the token endpoint", () => {
  const attempt = { operation: "sign in", item: "" };
  it.each<[number, object, Failure]>([
    [400, { error: "invalid_grant", error_description: "AADSTS700082: old" }, "unauthorized"],
    [400, { error: "invalid_grant", suberror: "bad_token" }, "unauthorized"],
    [400, { error: "interaction_required" }, "unauthorized"],
    [401, { error: "invalid_client", error_description: "AADSTS7000215" }, "unauthorized"],
    [429, { error: "temporarily_unavailable" }, "rate-limited"],
    [503, {}, "unavailable"],
  ])("%d %j is %s", (status, body, expected) => {
    const error = toTokenError({ status, body, retryAfter: null }, attempt, 0);
    expect(error.failure).toBe(expected);
  });
});

describe("names", () => {
  it.each([
    ...['a"b', "a*b", "a:b", "a<b", "a>b", "a?b", "a/b", "a\\b", "a|b", "a\u0001b"],
    ...[" a", "a ", "a.", ".lock", "CON", "com0", "LPT9", "desktop.ini", "~$a.docx", "x_VTI_y"],
    "x".repeat(256),
  ])("refuses %j, and has another for it", (name) => {
    expect(canHold(name, nameRules)).not.toBeNull();
    expect(canHold(alias(name, nameRules), nameRules)).toBeNull();
    expect(alias(alias(name, nameRules), nameRules)).toBe(alias(name, nameRules));
  });

  it.each(["#1", "100%", "con.txt", "~a", "a~$b", ".hidden", "x".repeat(255)])(
    "takes %j",
    (name) => {
      expect(canHold(name, nameRules)).toBeNull();
    },
  );

  it("of a library don't begin with a tilde", () => {
    expect(canHold("~a", libraryNameRules)).not.toBeNull();
    expect(alias("~a", libraryNameRules)).toBe("_~a");
  });
});

it.each([
  ["report.docx", "business", true],
  ["REPORT.PDF", "documentLibrary", true],
  ["report.docx", "personal", false],
  ["photo.jpg", "business", false],
  [".docx.txt", "business", false],
])("%s on a %s drive may be rewritten: %s", (name, driveType, expected) => {
  expect(isRewritten({ name, parentReference: { driveType } })).toBe(expected);
});

it("has one form for the ids of drives", () => {
  expect(driveIdOf("ABCDEF012345678")).toBe("0abcdef012345678");
  expect(driveIdOf("b!AbC-_x")).toBe("b!AbC-_x");
});

it("gives times in whole seconds", () => {
  expect(toTimestamp(new Date("2020-05-04T03:02:01.987Z"))).toBe("2020-05-04T03:02:01Z");
});
