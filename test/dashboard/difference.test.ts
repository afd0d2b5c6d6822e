import { describe, expect, it } from "vitest";
import { differenceOf, textOf } from "../../src/dashboard/difference.ts";

const signs = { same: " ", left: "-", right: "+", gap: "@" };
const told = (left: string, right: string) =>
  differenceOf(left, right).lines.map(({ kind, text }) => `${signs[kind]}${text}`);

describe("what differs between two texts", () => {
  it.each([
    { name: "a line", left: "a\nb\nc\n", right: "a\nB\nc\n", lines: [" a", "-b", "+B", " c"] },
    { name: "an end more", left: "a\n", right: "a\nb\n", lines: [" a", "+b"] },
    { name: "no last line end", left: "a", right: "a\n", lines: ["-a", "+a"] },
    { name: "everything", left: "a\n", right: "b\n", lines: ["-a", "+b"] },
    { name: "one is empty", left: "", right: "b\n", lines: ["+b"] },
    { name: "nothing", left: "a\n", right: "a\n", lines: [] },
    { name: "line ends", left: "a\nb\n", right: "a\r\nb\r\n", lines: [] },
  ])("$name", ({ left, right, lines }) => {
    expect(told(left, right)).toEqual(lines);
    expect(differenceOf(left, right).isLineEndsOnly).toBe(right.includes("\r"));
  });

  it("leaves out what is the same far away, and numbers each side", () => {
    const before = Array.from({ length: 20 }, (_, at) => `line ${at + 1}\n`).join("");
    const { lines, onlyLeft, onlyRight } = differenceOf(`${before}old\n`, `new\n${before}`);
    expect(told(`${before}old\n`, `new\n${before}`)).toEqual([
      ...["+new", " line 1", " line 2", " line 3"],
      "@14",
      ...[" line 18", " line 19", " line 20", "-old"],
    ]);
    expect([onlyLeft, onlyRight]).toEqual([1, 1]);
    expect(lines.at(-2)).toMatchObject({ left: 20, right: 21 });
    expect(lines.at(-1)).toMatchObject({ left: 21, right: null });
  });

  it("says how much is the same at the end", () => {
    const after = Array.from({ length: 9 }, (_, at) => `line ${at}\n`).join("");
    const lines = ["-old", "+new", " line 0", " line 1", " line 2", "@6"];
    expect(told(`old\n${after}`, `new\n${after}`)).toEqual(lines);
  });

  it("does not take long, however little two texts have in common", () => {
    const text = (seed: number) =>
      Array.from({ length: 20_000 }, (_, at) => `${(at * seed) % 9_973}\n`).join("");
    const startedMs = performance.now();
    const { lines } = differenceOf(text(7), text(11));
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(lines.length).toBeGreaterThan(20_000);
  });
});

describe("what is text", () => {
  it.each([
    { name: "UTF-8", bytes: [0xc3, 0xa4], text: "ä" },
    { name: "UTF-16 with its mark", bytes: [0xff, 0xfe, 0xe4, 0x00], text: "ä" },
    { name: "nothing", bytes: [], text: "" },
    { name: "not with a null", bytes: [0x61, 0x00], text: null },
    { name: "not what is no UTF-8", bytes: [0x89, 0x50], text: null },
  ])("$name", ({ bytes, text }) => {
    expect(textOf(new Uint8Array(bytes))).toBe(text);
  });
});
