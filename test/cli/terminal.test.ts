import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { formatAgo, formatBytes, formatSpan, printable } from "../../src/cli/format.ts";
import { formatOwner, isAlive } from "../../src/cli/lease.ts";
import { createLogger } from "../../src/cli/logger.ts";
import { createOutput } from "../../src/cli/output.ts";
import { createProgress } from "../../src/cli/progress.ts";
import { table } from "../../src/cli/table.ts";
import type { ItemId } from "../../src/core/entry.ts";
import type { Step } from "../../src/core/plan.ts";

describe("sizes and times", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [10_200, "10 KiB"],
    [1024 * 1024 - 1, "1.0 MiB"],
    [5.5 * 2 ** 30, "5.5 GiB"],
  ])("shows %d bytes as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [340, "0.3 s"],
    [45_000, "45 s"],
    [200_000, "3 min 20 s"],
    [7_500_000, "2 h 05 min"],
    [100 * 3_600_000, "4 d 4 h"],
  ])("shows %d ms as %s", (ms, text) => expect(formatSpan(ms)).toBe(text));

  it.each([
    [-500, "just now"],
    [-90_000, "1 min ago"],
    [3_700_000, "in 1 h"],
  ])("shows what is %d ms away as %s", (ms, text) =>
    expect(formatAgo(new Date(1e12 + ms), 1e12)).toBe(text),
  );
});

describe("text from outside", () => {
  it("can't command the terminal", () => {
    expect(printable("a\x1b[31mb\nc\u202e")).toBe("a\\u{1b}[31mb\\u{a}c\\u{202e}");
    expect(printable("Rechnung März — 令和.pdf")).toBe("Rechnung März — 令和.pdf");
  });
});

/** What each stream was given. */
function outputs(json: boolean) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    Object.assign(Object.create(process.stdout), {
      isTTY: true,
      columns: 80,
      write(text: string) {
        written[name] += text;
        return true;
      },
    });
  return {
    written,
    output: createOutput(json, { stdout: stream("stdout"), stderr: stream("stderr") }),
  };
}

/** Clears the screen, sets the title, moves up, turns the reading direction around; as one byte too. */
const hostile = "a\x1b[2J\x1b]0;title\x07\x1b[1A\r\b\u202egpj.exe\u009b2J\u0085b";

/** Of our own words. */
const own = ["\n", "\x1b[31m", "\x1b[39m"];

describe("an output", () => {
  it("gives no terminal what commands it, whoever forgot to look", () => {
    const { written, output } = outputs(false);
    output.print(`${output.style("red", "✗")} ${hostile}\nnext`);
    output.note(hostile);
    output.status(hostile);
    for (const text of [written.stdout, written.stderr.replaceAll("\r\x1b[K", "")]) {
      expect(own.reduce((rest, each) => rest.replaceAll(each, ""), text)).not.toMatch(
        /[\p{Cc}\u202e]/u,
      );
      expect(text).toContain(
        "a\\u{1b}[2J\\u{1b}]0;title\\u{7}\\u{1b}[1A\\u{d}\\u{8}\\u{202e}gpj.exe",
      );
    }
    expect(written.stdout).toContain("\nnext\n");
  });

  it("keeps our own colours", () => {
    const { written, output } = outputs(false);
    output.print("\x1b[1m\x1b[38;5;208mbold\x1b[39m\x1b[22m");
    expect(written.stdout).toBe("\x1b[1m\x1b[38;5;208mbold\x1b[39m\x1b[22m\n");
  });

  it("as JSON means the same, and commands no terminal either", () => {
    const { written, output } = outputs(true);
    output.document({ path: hostile });
    expect(written.stdout).not.toMatch(/[\p{Cc}\u202e](?!$)/u);
    expect(JSON.parse(written.stdout)).toEqual({ path: hostile });
  });

  it("logs the same way", () => {
    const { written, output } = outputs(false);
    const config = { accounts: new Map(), rules: [], notify: [], timeZone: null };
    const shell = { config: "", data: "", env: {}, output, now: () => 0 };
    createLogger(shell, () => config).warn(hostile);
    expect(written.stderr).not.toMatch(/[\p{Cc}\u202e](?!$)/u);
    expect(JSON.parse(written.stderr)).toMatchObject({ msg: hostile });
  });
});

describe("a table", () => {
  it("lets what ends a line be as long as it is", () => {
    const lines = table([
      ["a", "an error, told at length"],
      ["b", "label", "1 B"],
    ]).split("\n");
    expect(lines).toEqual(["a  an error, told at length", "b  label  1 B"]);
  });

  it("aligns cells by what is seen of them", () => {
    const rows = [
      ["\x1b[32mgo\x1b[39m", "1"],
      ["cafe\u0301", "20"],
    ];
    const lines = table(rows, { head: ["NAME", "N"], right: [1], indent: "  " }).split("\n");
    expect(lines).toEqual(["  NAME   N", "  \x1b[32mgo\x1b[39m     1", "  cafe\u0301  20"]);
  });
});

describe("the owner of a data folder", () => {
  const now = 1_000_000;
  const ago = (ms: number) => new Date(now - ms);
  const here = hostname();

  it("is dead when its process is gone, however fresh its word", () => {
    const gone = formatOwner({ host: here, pid: 2 ** 22 + 1, startedMs: 5 });
    expect(isAlive(gone, ago(0), now)).toBe(false);
  });

  it("is not the process that got its pid later", () => {
    const earlier = formatOwner({ host: here, pid: process.pid, startedMs: 5 });
    expect(isAlive(earlier, ago(0), now)).toBe(process.platform !== "linux");
  });

  it("lives on another machine as long as it says so", () => {
    const elsewhere = formatOwner({ host: "elsewhere", pid: 1, startedMs: 5 });
    expect(isAlive(elsewhere, ago(149_000), now)).toBe(true);
    expect(isAlive(elsewhere, ago(151_000), now)).toBe(false);
  });
});

describe("progress", () => {
  const step = (id: string, bytes: number): Step => ({
    id,
    do: "upload",
    side: "to",
    path: `${id}.bin`,
    bytes,
    why: "new",
    unit: { side: "from", item: id as ItemId },
    after: [],
    action: { type: "skip" },
  });
  const a = step("a", 1000);
  const b = step("b", 3000);

  it("counts bytes and files, and tells rate, time left and what is under way", () => {
    let nowMs = 0;
    const progress = createProgress(() => nowMs);
    expect(progress.line(200)).toBe("looking for changes");
    progress.tell({ type: "planned", rule: "r", steps: [a, b] });
    progress.tell({ type: "started", rule: "r", step: a });
    progress.tell({ type: "started", rule: "r", step: b });
    expect(progress.line(200)).toContain("0 B of 3.9 KiB  0/2 files  a.bin, b.bin");
    nowMs = 1_000;
    progress.tell({ type: "progress", rule: "r", step: b, sentBytes: 1000 });
    progress.tell({ type: "done", rule: "r", step: a });
    expect(progress.line(200)).toContain("50%  2.0 KiB of 3.9 KiB  2.0 KiB/s  1.0 s left  1/2");
  });

  it("takes back bytes that are sent again, and what another plan replaces", () => {
    const progress = createProgress(() => 0);
    progress.tell({ type: "planned", rule: "r", steps: [a, b] });
    progress.tell({ type: "started", rule: "r", step: b });
    progress.tell({ type: "progress", rule: "r", step: b, sentBytes: 3000 });
    progress.tell({ type: "progress", rule: "r", step: b, sentBytes: 0 });
    expect(progress.line(200)).toContain("0 B of 3.9 KiB");
    progress.tell({ type: "stale", rule: "r", step: b });
    expect(progress.line(200)).toContain("of 1000 B");
    progress.tell({ type: "planned", rule: "r", steps: [b] });
    expect(progress.line(200)).toContain("of 3.9 KiB  0/2 files");
  });

  it("fits the terminal", () => {
    const progress = createProgress(() => 0);
    progress.tell({ type: "planned", rule: "r", steps: [a] });
    expect(progress.line(30)).toHaveLength(30);
  });
});
