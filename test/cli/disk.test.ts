import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk, program } from "./helpers.ts";

/** What people read, and what becomes of their files, when a disk takes nothing more. */

/** A program of util-linux: mounts of its own, for whoever starts it. */
const apart = "unshare";
const disks = (() => {
  try {
    execFileSync(apart, ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const rules = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/in, to: right:/, quiet: 0s }
`;

describe("a disk", () => {
  beforeAll(buildProgram);

  it.skipIf(!disks).each([
    {
      name: "that is full, of the destination",
      trouble: "mount -t tmpfs -o size=64k none right",
      mend: "mount -o remount,size=64m right",
      says: ["the disk is full", /free (some )?space/],
    },
    {
      name: "that is full, of the state",
      trouble: "mount -t tmpfs -o size=300k none data",
      mend: "mount -o remount,size=64m data",
      says: ["the disk with the state is full", /free (some )?space/],
    },
    {
      name: "that can only be read, of the destination",
      trouble: "mount -t tmpfs -o ro none right",
      mend: "mount -o remount,rw right",
      says: ["the disk can only be read", "mount it for writing"],
    },
    {
      name: "that can only be read, of a new state",
      trouble: "mount -t tmpfs -o ro none data",
      mend: "mount -o remount,rw data",
      says: ["data/key", "a disk that can only be read", "mount it for writing"],
    },
    {
      name: "that can only be read, of a state in use",
      trouble: `mount -t tmpfs none data; mkdir aside; mv left/in/* aside
        "$@" run; mv aside/* left/in; mount -o remount,ro data`,
      mend: "mount -o remount,rw data",
      says: ["the state can't be", "mounted for writing"],
    },
  ])("$name is named, and nothing is lost", ({ trouble, mend, says }) => {
    const { folder, path, write, clear } = createDesk(rules);
    onTestFinished(clear);
    for (let file = 0; file < 40; file++) write(`left/in/${file}.txt`, `${file}`.repeat(500));
    for (const name of ["right", "data"]) mkdirSync(path(name));
    const script = `exec 2>&1
      ${trouble}; "$@" run; echo "ended with $?"
      ${mend}; "$@" run; echo "ended with $?"; ls right | wc -l`;
    const started = ["-rm", "sh", "-c", script, "sh", process.execPath, program];
    const said = execFileSync(apart, started, { cwd: folder, encoding: "utf8" });
    for (const words of says) expect.soft(said).toMatch(words);
    expect(said).toContain("ended with 1");
    expect(said).toMatch(/ended with 0\n\s*40\n/);
    expect(said).not.toContain("    at ");
  });
});
