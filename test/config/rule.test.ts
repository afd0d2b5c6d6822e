import { describe, expect, it } from "vitest";
import { fingerprint, formatLocation, formatTrigger } from "../../src/core/rule.ts";
import { right, withRule } from "./helpers.ts";

function fingerprintOf(fields: string): string {
  const [rule] = right(withRule(fields)).rules;
  if (!rule) throw new Error("no rule");
  return fingerprint(rule);
}

describe("fingerprint", () => {
  const plain = fingerprintOf("");

  it.each([
    "include: [a]",
    "exclude: [a]",
    "where: { newerThan: 1d }",
    "where: { olderThan: 1d }",
    'as: "{name}"',
    "googleDocs: pdf",
  ])("changes with %s", (fields) => {
    expect(fingerprintOf(fields)).not.toBe(plain);
  });

  it.each([
    "quiet: 1h",
    "on: manual",
    "conflict: newest",
    "paused: true",
    "include: []",
    "mode: copy",
  ])("does not change with %s", (fields) => {
    expect(fingerprintOf(fields)).toBe(plain);
  });

  it("does not depend on the order of globs", () => {
    expect(fingerprintOf("include: [a, b]")).toBe(fingerprintOf("include: [b, a]"));
  });

  it("tells one limit from another", () => {
    const [newer, older] = ["newerThan", "olderThan"].map((key) =>
      fingerprintOf(`where: { ${key}: 1d }`),
    );
    expect(newer).not.toBe(older);
  });
});

describe("formatLocation", () => {
  it.each([
    [{ account: "a", path: [] }, "a:/"],
    [{ account: "a", path: ["x", "y z"] }, "a:/x/y z"],
  ])("of %j is %s", (location, text) => {
    expect(formatLocation(location)).toBe(text);
  });
});

describe("formatTrigger", () => {
  it.each(["change", "every 90s", "every 15m", "every 2h", "every 1d", "0 3 * * *", "manual"])(
    "writes %j as it was read",
    (text) => {
      const [trigger] = right(withRule(`on: ${text}`)).rules[0]?.triggers ?? [];
      expect(trigger && formatTrigger(trigger)).toBe(text);
    },
  );
});
