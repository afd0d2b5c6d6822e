import { describe, expect, it } from "vitest";
import { right, warned, withRule, wrong } from "./helpers.ts";

describe("what is not built yet", () => {
  it.each([
    ["mode: mirror", '3:42: "mode: mirror" is not built yet; this version does "copy"'],
    ["mode: move", '3:42: "mode: move" is not built yet; this version does "copy"'],
    ["mode: two-way", '3:42: "mode: two-way" is not built yet; this version does "copy"'],
    [
      "conflict: review",
      '3:46: "conflict: review" is not built yet; this version does "newest", "keep-both", "from" and "to"',
    ],
    [
      "guard: { changes: 50% }",
      '3:54: "guard: changes: 50%" is not built yet; this version does "none"',
    ],
    [
      "encrypt: age1xyz",
      '3:45: "encrypt" is not built yet; this version sends content as it is, so leave it out',
    ],
    [
      "bandwidth: 10MiB/s",
      '3:47: "bandwidth" is not built yet; this version sends as fast as it can',
    ],
    [
      'bandwidth: [{ at: "08:00", limit: 2MiB/s }]',
      '3:47: "bandwidth" is not built yet; this version sends as fast as it can',
    ],
  ])("is refused: %s", (field, expected) => {
    expect(wrong(withRule(field))).toEqual([expected]);
  });

  it("is refused: several destinations", () => {
    const text = withRule("").replace("to: b:/y", "to: [b:/y, b:/z]");
    expect(wrong(text)).toEqual([
      '3:37: "to: a list of 2" is not built yet; this version does one destination, so write a rule for each',
    ]);
    expect(right(text.replace(", b:/z", "")).rules[0]?.to).toHaveLength(1);
  });

  it("is refused: notify", () => {
    expect(wrong('notify:\n  - { when: [held], to: "smtp://x" }')).toEqual([
      '2:3: "notify" is not built yet; leave it out and look at the status',
    ]);
  });

  it.each([
    ["onedrive", "clientId: a, refreshToken: $T"],
    ["s3", "bucket: b"],
    ["webdav", "url: https://dav.example"],
    ["sftp", "host: h"],
  ])("is refused: provider %s", (provider, fields) => {
    const text = `accounts:\n  x: { provider: ${provider}, ${fields} }`;
    expect(wrong(text, { env: { T: "t" } })).toEqual([
      `2:18: "provider: ${provider}" is not built yet; this version does dropbox, google-drive and local`,
    ]);
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
  ])("is accepted with a warning: %s", (field, expected) => {
    expect(warned(withRule(field))).toEqual([expected]);
    expect(wrong(withRule(field))).toEqual([]);
  });
});
