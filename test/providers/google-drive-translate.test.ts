import { describe, expect, it } from "vitest";
import {
  byRefreshToken,
  toNetworkError,
  toProviderError,
  toTokenError,
} from "../../providers/google-drive/errors.ts";
import { byKey } from "../../providers/google-drive/service-account.ts";
import {
  type DriveFile,
  exportType,
  toChange,
  toEntry,
  toVersion,
} from "../../providers/google-drive/translate.ts";
import { isProviderError } from "../../src/core/error.ts";

const blob: DriveFile = {
  id: "1Abc",
  name: "a.pdf",
  mimeType: "application/pdf",
  parents: ["0Root"],
  size: "5",
  md5Checksum: "5d41402abc4b2a76b9719d911017c592",
  sha256Checksum: "2cf24dba",
  headRevisionId: "0B-rev",
  modifiedTime: "2026-01-02T03:04:05.678Z",
  createdTime: "2025-01-02T03:04:05.678Z",
  trashed: false,
};

const google = (type: string): DriveFile => ({
  id: "1Doc",
  name: "Plan",
  mimeType: `application/vnd.google-apps.${type}`,
  size: "1024",
  modifiedTime: "2026-01-02T03:04:05.678Z",
});

describe("toEntry", () => {
  it("tells all of a file", () => {
    expect(toEntry(blob)).toEqual({
      id: "1Abc",
      parent: "0Root",
      name: "a.pdf",
      kind: "file",
      sizeBytes: 5,
      revision: "0B-rev",
      hashes: { md5: blob.md5Checksum, sha256: "2cf24dba" },
      modifiedAt: new Date("2026-01-02T03:04:05.678Z"),
      createdAt: new Date("2025-01-02T03:04:05.678Z"),
    });
  });

  const { headRevisionId: _head, ...withoutHead } = blob;
  const { md5Checksum: _md5, ...withoutMd5 } = blob;
  const { parents: _parents, ...withoutParents } = blob;
  const { size: _size, ...withoutSize } = blob;

  it.each([
    ["an empty file", { ...blob, size: "0" }, { kind: "file", sizeBytes: 0 }],
    ["a file without revision id", withoutHead, { kind: "file", revision: blob.md5Checksum }],
    ["an old file without a hash", withoutMd5, { kind: "file", revision: "0B-rev" }],
    ["an item whose parent is hidden", withoutParents, { parent: null }],
    ["a name of blanks", { ...blob, name: " " }, { name: " " }],
    ["a folder", google("folder"), { kind: "folder", sizeBytes: null, revision: null, hashes: {} }],
    [
      "a document, whose size is not that of bytes",
      google("document"),
      { kind: "native", sizeBytes: null, revision: "2026-01-02T03:04:05.678Z" },
    ],
    ["a shortcut", google("shortcut"), { native: { type: "shortcut", exports: [] } }],
    [
      "a thing of another app",
      google("drive-sdk.7963"),
      { kind: "native", native: { type: "drive-sdk", exports: [] } },
    ],
    [
      "a thing without bytes of no known type",
      { id: "1", name: "x", mimeType: "application/x-odd" },
      { kind: "native", native: { type: "other", exports: [] }, revision: null },
    ],
  ])("knows %s", (_, file, expected) => {
    expect(toEntry(file)).toMatchObject(expected);
  });

  it.each([
    ["id", { ...blob, id: null }],
    ["name", { ...blob, name: null }],
    ["mimeType", { ...blob, mimeType: null }],
    ["size", withoutSize],
  ])("guesses nothing when the answer has no %s", (field, file) => {
    expect(() => toEntry(file)).toThrow(`no "${field}"`);
  });

  it.each(["document", "spreadsheet", "presentation", "drawing"])(
    "has a type to ask for with every export of a %s",
    (type) => {
      const { native } = toEntry(google(type));
      if (!native) throw new Error("a native item was expected");
      expect(native.exports).toContain("pdf");
      for (const extension of native.exports) expect(exportType(native, extension)).toMatch(/\//);
      expect(exportType(native, "exe")).toBeNull();
    },
  );
});

describe("toChange", () => {
  it.each([
    ["an item", { fileId: "1Abc", file: blob }, { type: "put", entry: toEntry(blob) }],
    ["a removal", { fileId: "1Abc", removed: true }, { type: "removed", id: "1Abc" }],
    [
      "what went to a shared drive",
      { fileId: "1Abc", removed: true, file: { ...blob, driveId: "0D" } },
      { type: "gone", id: "1Abc" },
    ],
    [
      "an item in the trash",
      { fileId: "1Abc", file: { ...blob, trashed: true } },
      { type: "gone", id: "1Abc" },
    ],
    ["a shared drive", { changeType: "drive", driveId: "0D" }, null],
    ["a shared drive that was lost", { changeType: "drive", driveId: "0D", removed: true }, null],
  ])("knows %s", (_, change, expected) => {
    expect(toChange(change, null)).toEqual(expected);
  });

  it("goes by the drive that the account is", () => {
    const there = { fileId: "1Abc", file: { ...blob, driveId: "0D" } };
    expect(toChange(there, "0D")).toMatchObject({ type: "put" });
    expect(toChange({ ...there, removed: true, file: blob }, "0D")).toMatchObject({ type: "gone" });
    expect(toChange({ fileId: "1Abc", removed: true }, "0D")).toMatchObject({ type: "removed" });
  });
});

describe("toVersion", () => {
  it("leaves out the versions of documents, which nobody can read", () => {
    expect(toVersion({ id: "12", modifiedTime: "2026-01-02T03:04:05.678Z" })).toBeNull();
  });

  it("knows a version of an empty file", () => {
    const version = toVersion({ id: "0B", size: "0", md5Checksum: "d41d" });
    expect(version).toEqual({
      revision: "0B",
      sizeBytes: 0,
      hashes: { md5: "d41d" },
      modifiedAt: null,
    });
  });
});

const attempt = { operation: "read", item: '"a.txt" (1Abc)' };
const answer = (status: number, reason: string) => ({
  status,
  body: { error: { code: status, message: "No.", errors: [{ reason }] } },
  retryAfter: null,
});
const failureOf = (status: number, reason: string) =>
  toProviderError(answer(status, reason), attempt, 0).failure;

describe("toProviderError", () => {
  it.each([
    [403, "userRateLimitExceeded", "rate-limited"],
    [403, "rateLimitExceeded", "rate-limited"],
    [403, "sharingRateLimitExceeded", "rate-limited"],
    [403, "dailyLimitExceeded", "rate-limited"],
    [403, "downloadQuotaExceeded", "rate-limited"],
    [403, "storageQuotaExceeded", "out-of-space"],
    [403, "teamDriveFileLimitExceeded", "out-of-space"],
    [403, "insufficientFilePermissions", "forbidden"],
    [403, "numChildrenInNonRootLimitExceeded", "forbidden"],
    [403, "accessNotConfigured", "forbidden"],
    [403, "cannotDownloadAbusiveFile", "forbidden"],
    [403, "insufficientPermissions", "unauthorized"],
    [403, "exportSizeLimitExceeded", "too-large"],
    [400, "invalid", "unexpected"],
    [401, "authError", "unauthorized"],
    [404, "notFound", "not-found"],
    [408, "", "unavailable"],
    [409, "fileIdInUse", "already-exists"],
    [413, "uploadTooLarge", "too-large"],
    [418, "teapot", "unexpected"],
    [429, "rateLimitExceeded", "rate-limited"],
    [500, "backendError", "unavailable"],
    [503, "", "unavailable"],
  ])("takes %d %s for what it is", (status, reason, expected) => {
    expect(failureOf(status, reason)).toBe(expected);
  });

  it("names service, operation, item and the service's own words", () => {
    const { message } = toProviderError(answer(403, "domainPolicy"), attempt, 0);
    expect(message).toBe('google-drive: could not read "a.txt" (1Abc): 403 domainPolicy No.');
  });

  it.each([
    ["7", 7000],
    ["Thu, 01 Jan 1970 00:01:40 GMT", 90_000],
    ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
    ["soon", null],
    [null, null],
  ])("reads Retry-After: %s", (retryAfter, expected) => {
    const refusal = { ...answer(429, "rateLimitExceeded"), retryAfter };
    expect(toProviderError(refusal, attempt, 10_000).retryAfterMs).toBe(expected);
  });

  it("waits long for what only another day cures", () => {
    const error = toProviderError(answer(403, "dailyLimitExceeded"), attempt, 0);
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(3_600_000);
  });

  it.each([
    ["plain text", "Service Unavailable", "Service Unavailable"],
    ["HTML", "<style>b{}</style><h1>502.</h1>\n<p>That's an error.", "502. That's an error."],
    ["JSON as text", '{"error":{"message":"No.","errors":[{"reason":"why"}]}}', "why No."],
    ["an OAuth error", { error: "invalid_token", error_description: "Old." }, "invalid_token Old."],
    ["an error without reasons", { error: { message: "No.", errors: [] } }, "No."],
    ["nothing", undefined, ""],
    ["null", null, ""],
    ["a list", [1], ""],
  ])("reads %s", (_, body, words) => {
    const { message } = toProviderError({ status: 502, body, retryAfter: null }, attempt, 0);
    expect(message).toBe(`google-drive: could not read "a.txt" (1Abc): 502 ${words}`.trimEnd());
  });

  it("lets a request say what a status means to it", () => {
    const special = { ...attempt, statuses: { 404: "cursor-expired" } } as const;
    expect(toProviderError(answer(404, "notFound"), special, 0).failure).toBe("cursor-expired");
  });
});

describe("toTokenError", () => {
  it.each([
    [400, "invalid_grant", "unauthorized", /sign in again.*testing mode/],
    [401, "invalid_client", "unauthorized", /clientId and clientSecret/],
    [500, "internal_failure", "unavailable", /internal_failure/],
    [429, "rate_limited", "rate-limited", /rate_limited/],
  ])("takes %d %s for what it is", (status, error, expected, words) => {
    const refusal = { status, body: { error, error_description: "Bad." }, retryAfter: null };
    const told = toTokenError(refusal, byRefreshToken, 0);
    expect(told.failure).toBe(expected);
    expect(told.message).toMatch(words);
  });
});

describe("what a service account's key is refused with", () => {
  const account = {
    email: "robot@p.iam.gserviceaccount.com",
    clientId: "117",
    keyId: "abc",
    privateKey: "",
  };
  const settings = { provider: "google-drive", serviceAccount: account, drive: "Team" } as const;
  const tell = (error: string, error_description: string, impersonate?: string) => {
    const way = byKey({ ...settings, ...(impersonate && { impersonate }) });
    return toTokenError(
      { status: 400, body: { error, error_description }, retryAfter: null },
      way,
      0,
    );
  };

  it.each([
    ["invalid_grant", "Invalid JWT Signature.", undefined, /key abc was deleted.*make a new one/],
    [
      "invalid_grant",
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
      undefined,
      /set the clock of this machine/,
    ],
    [
      "invalid_grant",
      "Invalid grant: account not found",
      undefined,
      /robot@.* is there and enabled/,
    ],
    [
      "unauthorized_client",
      "Client is unauthorized.",
      "ada@x.org",
      /Admin console.*client id 117.*auth\/drive/,
    ],
    ["unauthorized_client", "Client is unauthorized.", undefined, /is there and enabled/],
    ["invalid_grant", "Invalid email or User ID", "ada@x.org", /"impersonate" must be the e-mail/],
  ])("%s, %s (for %s) names the mend", (error, words, impersonate, mend) => {
    const told = tell(error, words, impersonate);
    expect(told.failure).toBe("unauthorized");
    expect(told.message).toContain(`as service account ${account.email}`);
    expect(told.message).toMatch(mend);
  });

  it("is told without the assertion, should the answer repeat it", () => {
    const { message } = tell(
      "invalid_grant",
      "Bad assertion eyJhbGciOi.eyJpc3MiOi.c2ln-_x, see docs",
    );
    expect(message).toContain("Bad assertion [hidden], see docs");
  });
});

describe("toNetworkError", () => {
  it("keeps the innermost error alone: the outer ones carry the request", () => {
    const socket = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    const outer = new Error("outer", { cause: new TypeError("fetch failed", { cause: socket }) });
    const told = toNetworkError(outer, attempt);
    expect(isProviderError(told, "unavailable")).toBe(true);
    expect(told.message).toContain("read ECONNRESET");
    expect(told.cause).toBe(socket);
  });
});
