import { describe, expect, it } from "vitest";
import { right, warned, withRule, wrong } from "./helpers.ts";

describe("what is not built yet", () => {
  it.each([
    ["s3", "bucket: b"],
    ["webdav", "url: https://dav.example"],
    ["sftp", "host: h"],
  ])("is refused: provider %s", (provider, fields) => {
    const text = `accounts:\n  x: { provider: ${provider}, ${fields} }`;
    expect(wrong(text, { env: { T: "t" } })).toEqual([
      `2:18: "provider: ${provider}" is not built yet; this version does dropbox, google-drive, onedrive and local`,
    ]);
  });
});

describe("what is built", () => {
  it.each([
    "mode: mirror",
    "mode: move",
    "mode: two-way",
    "mode: two-way, conflict: review, deletes: keep, guard: { deletes: 10%, changes: 50% }",
    "mode: mirror, deletes: keep, guard: { deletes: none, changes: 50% }",
    "mode: move, conflict: newest, guard: { changes: 50% }",
    "conflict: review",
    "guard: { changes: 50% }",
  ])("is accepted without a word: %s", (field) => {
    expect(wrong(withRule(field))).toEqual([]);
    expect(warned(withRule(field))).toEqual([]);
  });

  it.each(["copy", "move", "mirror", "two-way"])("goes to several destinations: %s", (mode) => {
    const text = withRule(`mode: ${mode}`).replace("to: b:/y", "to: [b:/y, b:/z]");
    expect(right(text).rules[0]?.to).toHaveLength(2);
  });
});

describe("what has no effect", () => {
  it.each([
    [
      "deletes: trash",
      '3:45: "deletes" has no effect under "mode: copy", which never removes anything',
    ],
    [
      "guard: { deletes: 10% }",
      '3:54: "guard: deletes" has no effect under "mode: copy", which never removes anything',
    ],
    [
      "mode: move, deletes: keep",
      '3:57: "deletes" has no effect under "mode: move", which trashes each file of the source once its copy is verified',
    ],
    [
      "mode: mirror, conflict: newest",
      '3:60: "conflict" has no effect under "mode: mirror", where the source always wins; what it replaces stays recoverable',
    ],
  ])("is accepted with a warning: %s", (field, expected) => {
    expect(warned(withRule(field))).toEqual([expected]);
    expect(wrong(withRule(field))).toEqual([]);
  });
});
