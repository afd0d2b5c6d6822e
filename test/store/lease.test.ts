import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { open, temporaryFolder } from "./bench.ts";

const dead = () => false;
const living = () => true;

/** The data folder as two processes see it. */
function twoProcesses() {
  const file = join(temporaryFolder(), "state.sqlite");
  const nowMs = { value: 1_000 };
  const now = () => nowMs.value;
  return { one: open({ file, now }).leases, two: open({ file, now }).leases, nowMs };
}

describe("the lease of a data folder", () => {
  it("goes to the first, and the second is told who has it", () => {
    const { one, two } = twoProcesses();
    expect(two.owner()).toBeNull();
    expect(one.take("first", living)).toBeNull();
    expect(two.take("second", living)).toBe("first");
    expect(two.owner()).toMatchObject({ owner: "first", heartbeatAt: new Date(1_000) });
  });

  it("may be taken again by who has it", () => {
    const { one, nowMs } = twoProcesses();
    one.take("first", living);
    nowMs.value = 2_000;
    expect(one.take("first", living)).toBeNull();
    expect(one.owner()?.heartbeatAt).toEqual(new Date(2_000));
  });

  it("goes to the next when its owner is dead; the judge sees who and the last sign of life", () => {
    const { one, two, nowMs } = twoProcesses();
    one.take("first", living);
    nowMs.value = 5_000;
    one.beat("first");
    const seen: unknown[] = [];
    const judge = (...owner: unknown[]) => {
      seen.push(...owner);
      return false;
    };
    expect(two.take("second", judge)).toBeNull();
    expect(seen).toEqual(["first", new Date(5_000)]);
    expect(one.owner()?.owner).toBe("second");
  });

  it("that was taken over is lost: the former owner learns it at its next sign of life", () => {
    const { one, two, nowMs } = twoProcesses();
    one.take("first", living);
    expect(one.beat("first")).toBe(true);
    two.take("second", dead);
    nowMs.value = 9_000;
    expect(one.beat("first")).toBe(false);
    expect(two.owner()?.heartbeatAt).toEqual(new Date(1_000));
  });

  it("is given back by its owner alone", () => {
    const { one, two } = twoProcesses();
    one.take("first", living);
    two.release("second");
    expect(two.take("second", living)).toBe("first");
    one.release("first");
    expect(two.take("second", living)).toBeNull();
    one.release("first");
    expect(two.owner()?.owner).toBe("second");
  });
});
