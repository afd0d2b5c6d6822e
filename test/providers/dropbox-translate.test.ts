import { DropboxResponseError } from "dropbox";
import { describe, expect, it } from "vitest";
import { authorizeUrl } from "../../providers/dropbox/auth.ts";
import { asThrown, correctOffset, isStaleToken, tagsOf } from "../../providers/dropbox/refusal.ts";
import {
  formatOf,
  nameObjection,
  nameRules,
  rootId,
  toEntry,
  toTimestamp,
} from "../../providers/dropbox/translate.ts";
import { createDropboxHash, dropboxHashOf } from "../../src/core/dropbox-hash.ts";
import { type Failure, ProviderError } from "../../src/core/error.ts";

const attempt = { account: "work", operation: "upload", item: '"a.txt"' };

function refusal(status: number, error: unknown, headers: Record<string, string> = {}) {
  return new DropboxResponseError(status, new Headers(headers), error);
}

function thrown(error: unknown, signal?: AbortSignal): ProviderError {
  const result = asThrown(error, attempt, signal);
  if (result instanceof ProviderError) return result;
  throw new Error(`a ProviderError was expected, not ${String(result)}`);
}

function endpoint(error: object) {
  return refusal(409, { error_summary: "some/words/...", error });
}

const conflict = { ".tag": "conflict", conflict: { ".tag": "file" } };

describe("errors of Dropbox", () => {
  const refusals: [string, DropboxResponseError<unknown>, Failure][] = [
    [
      "a lookup that found nothing",
      endpoint({ ".tag": "path", path: { ".tag": "not_found" } }),
      "not-found",
    ],
    ["a conflict of an upload", endpoint({ ".tag": "path", reason: conflict }), "already-exists"],
    ["a conflict of a move", endpoint({ ".tag": "to", to: conflict }), "already-exists"],
    [
      "a file where a parent should be",
      endpoint({
        ".tag": "path",
        path: { ".tag": "conflict", conflict: { ".tag": "file_ancestor" } },
      }),
      "not-found",
    ],
    [
      "a full account",
      endpoint({ ".tag": "path", reason: { ".tag": "insufficient_space" } }),
      "out-of-space",
    ],
    ["a name", endpoint({ ".tag": "path", reason: { ".tag": "disallowed_name" } }), "name-refused"],
    ["contended writes", endpoint({ ".tag": "too_many_write_operations" }), "rate-limited"],
    ["damaged bytes", endpoint({ ".tag": "content_hash_mismatch" }), "corrupt"],
    ["a body over the limit", endpoint({ ".tag": "payload_too_large" }), "too-large"],
    [
      "a taken-down file",
      endpoint({ ".tag": "path", path: { ".tag": "restricted_content" } }),
      "forbidden",
    ],
    ["an old cursor", endpoint({ ".tag": "reset" }), "cursor-expired"],
    [
      "a session that is over",
      endpoint({ ".tag": "lookup_failed", lookup_failed: { ".tag": "not_found" } }),
      "unavailable",
    ],
    [
      "a tag of the future",
      endpoint({ ".tag": "path", path: { ".tag": "brand_new" } }),
      "unexpected",
    ],
    ["a malformed request", refusal(400, "Error in call to API function"), "unexpected"],
    ["an emoji", refusal(400, "not part of the Unicode Basic Multilingual Plane"), "name-refused"],
    [
      "a revoked token",
      refusal(401, { error: { ".tag": "invalid_access_token" } }),
      "unauthorized",
    ],
    ["a suspended user", refusal(401, { error: { ".tag": "user_suspended" } }), "unauthorized"],
    ["a missing scope", refusal(401, { error: { ".tag": "missing_scope" } }), "forbidden"],
    [
      "a used-up transport limit",
      refusal(403, { error: { ".tag": "invalid_account_type" } }),
      "forbidden",
    ],
    ["a plain-text rate limit", refusal(429, "too many requests"), "rate-limited"],
    ["a server error", refusal(503, "<html>"), "unavailable"],
    ["a wrong path root", refusal(422, { error: { ".tag": "invalid_root" } }), "forbidden"],
  ];
  it.each(refusals)("%s", (_, error, failure) => {
    expect(thrown(error).failure).toBe(failure);
  });

  it("are told with account, operation, item and request id", () => {
    const headers = { "x-dropbox-request-id": "abc123" };
    const body = {
      error: { ".tag": "path", reason: conflict },
      error_summary: "path/conflict/...",
    };
    expect(thrown(refusal(409, body, headers)).message).toBe(
      'dropbox work: upload "a.txt": path/conflict/file (409, request abc123)',
    );
  });

  it("say how long to wait, from the header or the body", () => {
    const body = { error: { reason: { ".tag": "too_many_requests" }, retry_after: 15 } };
    expect(thrown(refusal(429, body)).retryAfterMs).toBe(15_000);
    expect(thrown(refusal(429, body, { "retry-after": "300" })).retryAfterMs).toBe(300_000);
    expect(thrown(refusal(429, "slow down")).retryAfterMs).toBeNull();
  });

  it("name the missing scope, and what the team's administrators say", () => {
    const scope = { error: { ".tag": "missing_scope", required_scope: "files.content.write" } };
    expect(thrown(refusal(401, scope)).message).toContain("files.content.write");
    const limit = { error: { ".tag": "other" }, user_message: { text: "Limit reached." } };
    expect(thrown(refusal(403, limit)).message).toContain("Limit reached.");
  });

  it("tell a network failure from a mistake of our own", () => {
    const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    expect(thrown(new TypeError("fetch failed", { cause })).failure).toBe("unavailable");
    expect(thrown(new TypeError("fetch failed", { cause })).message).toContain("ECONNRESET");
    expect(thrown(new DOMException("late", "TimeoutError")).failure).toBe("unavailable");
    expect(thrown(new TypeError("x is not a function")).failure).toBe("unexpected");
  });

  it("give way to the reason of an abort", () => {
    const reason = new Error("enough");
    expect(asThrown(refusal(503, ""), attempt, AbortSignal.abort(reason))).toBe(reason);
  });

  it("show where a session is, in an append and in a finish", () => {
    const offset = { ".tag": "incorrect_offset", correct_offset: 3 };
    expect(correctOffset(thrown(endpoint(offset)))).toBe(3);
    expect(correctOffset(endpoint({ ".tag": "lookup_failed", lookup_failed: offset }))).toBe(3);
    expect(correctOffset(endpoint({ ".tag": "not_found" }))).toBeNull();
  });

  it("are walked by tag, not by summary", () => {
    expect(tagsOf(endpoint({ ".tag": "path", reason: conflict }))).toEqual([
      "path",
      "conflict",
      "file",
    ]);
    expect(isStaleToken(refusal(401, { error: { ".tag": "expired_access_token" } }))).toBe(true);
    expect(isStaleToken(refusal(401, { error: { ".tag": "user_suspended" } }))).toBe(false);
  });
});

describe("items of Dropbox", () => {
  const file = {
    name: "a.txt",
    id: "id:a",
    path_lower: "/a.txt",
    path_display: "/a.txt",
    client_modified: "2026-01-02T03:04:05Z",
    server_modified: "2026-02-02T03:04:05Z",
    rev: "0123456789abc",
    size: 5,
    content_hash: "ab".repeat(32),
  };

  it("are files with the uploader's time and Dropbox's hash", () => {
    expect(toEntry(file, rootId)).toEqual({
      id: "id:a",
      parent: rootId,
      name: "a.txt",
      kind: "file",
      sizeBytes: 5,
      revision: "0123456789abc",
      hashes: { dropbox: file.content_hash },
      modifiedAt: new Date("2026-01-02T03:04:05Z"),
      createdAt: null,
    });
  });

  it("are folders without time and revision", () => {
    expect(toEntry({ name: "docs", id: "id:d" }, rootId)).toMatchObject({
      kind: "folder",
      sizeBytes: null,
      revision: null,
      hashes: {},
      modifiedAt: null,
    });
  });

  it("are native where there are no bytes to download", () => {
    const paper = {
      ...file,
      name: "Plan.paper",
      size: 0,
      is_downloadable: false,
      export_info: { export_as: "html", export_options: ["markdown", "html"] },
    };
    expect(toEntry(paper, rootId)).toMatchObject({
      kind: "native",
      sizeBytes: null,
      hashes: {},
      native: { type: "paper", exports: ["html", "md"] },
    });
    const sheet = { ...paper, name: "Budget.gsheet", export_info: { export_as: "xlsx" } };
    expect(toEntry(sheet, rootId).native).toEqual({ type: "spreadsheet", exports: ["xlsx"] });
    const link = { ...file, symlink_info: { target: "/etc/passwd" } };
    expect(toEntry(link, rootId)).toMatchObject({ kind: "native", native: { type: "symlink" } });
    expect([formatOf("md"), formatOf("xlsx")]).toEqual(["markdown", "xlsx"]);
  });

  it.each(["id", "name", "rev", "size", "client_modified"])("are refused without %s", (field) => {
    const damaged: typeof file = { ...file, [field]: undefined };
    expect(() => toEntry(damaged, rootId)).toThrow(`without a usable ${field}`);
  });

  it("carry times in whole seconds", () => {
    expect(toTimestamp(new Date("2020-05-04T03:02:01.987Z"))).toBe("2020-05-04T03:02:01Z");
  });

  it("have names of 255 characters at most", () => {
    expect(nameObjection("x".repeat(255))).toBeNull();
    expect(nameObjection("e\u0301".repeat(255))).toBeNull();
    expect(nameObjection("x".repeat(256))).not.toBeNull();
    for (const name of ["", ".", "..", "a/b", "a\\b", "a ", "a\0"]) {
      expect(nameObjection(name), JSON.stringify(name)).not.toBeNull();
    }
    expect(nameRules.reserved).toContain("desktop.ini");
  });
});

describe("content_hash", () => {
  const block = 4 * 1024 * 1024;

  it("of nothing is the SHA-256 of nothing", () => {
    expect(dropboxHashOf(new Uint8Array())).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it("does not depend on how the bytes come in pieces", () => {
    const bytes = Buffer.alloc(2 * block + 1, "syncline");
    for (const size of [1000, block, block + 1]) {
      const hash = createDropboxHash();
      for (let at = 0; at < bytes.length; at += size) hash.update(bytes.subarray(at, at + size));
      expect(hash.digest()).toBe(dropboxHashOf(bytes));
    }
  });
});

describe("the sign-in page", () => {
  const app = { clientId: "key" };

  it("is asked for a refresh token and the scopes that are needed", () => {
    const url = new URL(
      authorizeUrl(app, { redirectUri: "http://localhost:1/a?b=c", state: "s&t" }),
    );
    expect(url.origin + url.pathname).toBe("https://www.dropbox.com/oauth2/authorize");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: "key",
      response_type: "code",
      token_access_type: "offline",
      scope: "account_info.read files.metadata.read files.content.read files.content.write",
      redirect_uri: "http://localhost:1/a?b=c",
      state: "s&t",
    });
  });

  it("shows the code to copy where there is no way back", () => {
    expect(new URL(authorizeUrl(app, {})).searchParams.has("redirect_uri")).toBe(false);
  });

  it("gets the challenge of RFC 7636 for a verifier", () => {
    const codeVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const parameters = new URL(authorizeUrl(app, { codeVerifier })).searchParams;
    expect(parameters.get("code_challenge")).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    expect(parameters.get("code_challenge_method")).toBe("S256");
  });
});
