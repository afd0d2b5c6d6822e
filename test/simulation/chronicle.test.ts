import { describe, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** A story of `copy` in which only what a test does happens. */
const newStage = (): Stage =>
  createStage({
    seed: 1,
    mode: "copy",
    from: "plain",
    to: "plain",
    rule: {
      include: [],
      exclude: [],
      as: null,
      conflict: "to",
      deletes: "trash",
      guard: { deletesPercent: null, changesPercent: null, minimumFiles: 10 },
    },
    solo: false,
    pageSize: 100,
    epochs: [],
  });

/** As the engine makes a copy. */
const upload = ({ clouds }: Stage, path: string, text: string) => clouds.to.put(path, text).id;

function bringBack({ act, chronicle }: Stage, path: string) {
  act(["to", "trash", path], 1);
  act(["to", "restore", path], 1);
  return chronicle.restored;
}

describe("a copy that somebody restored", () => {
  it("is theirs when its source is gone", () => {
    const stage = newStage();
    stage.act(["from", "put", "/in/a", "one"], 1);
    const copy = upload(stage, "/out/a", "one");
    stage.act(["from", "trash", "/in/a"], 1);
    expect(bringBack(stage, "/out/a")).toEqual(new Set([copy]));
  });

  it("is theirs when its source has got another one since", () => {
    const stage = newStage();
    stage.act(["from", "put", "/in/a", "one"], 1);
    const copy = upload(stage, "/out/a", "one");
    stage.act(["to", "trash", "/out/a"], 1);
    stage.act(["from", "move", "/in/a", "/in/b"], 1);
    stage.act(["from", "put", "/in/b", "two"], 1);
    upload(stage, "/out/b", "two");
    stage.act(["to", "restore", "/out/a"], 1);
    expect(stage.chronicle.restored).toEqual(new Set([copy]));
  });

  it("is the source's when it is the last that was made", () => {
    const stage = newStage();
    stage.act(["from", "put", "/in/a", "one"], 1);
    upload(stage, "/out/a", "one");
    stage.act(["to", "move", "/out/a", "/out/b"], 1);
    stage.act(["from", "put", "/in/a", "two"], 1);
    upload(stage, "/out/a", "two");
    expect(bringBack(stage, "/out/a")).toEqual(new Set());
  });

  it("is theirs when its source is gone, and another file that is equal has its own copy", () => {
    const stage = newStage();
    stage.act(["from", "put", "/in/a", "one"], 1);
    const copy = upload(stage, "/out/a", "one");
    stage.act(["from", "trash", "/in/a"], 1);
    stage.act(["from", "put", "/in/b", "one"], 1);
    upload(stage, "/out/b", "one");
    expect(bringBack(stage, "/out/a")).toEqual(new Set([copy]));
  });

  it("is the source's while that is there, whatever a source that is gone has left", () => {
    const stage = newStage();
    stage.act(["from", "put", "/in/a", "one"], 1);
    upload(stage, "/out/a", "one");
    stage.act(["from", "trash", "/in/a"], 1);
    stage.act(["from", "put", "/in/b", "one"], 1);
    upload(stage, "/out/b", "one");
    stage.act(["from", "put", "/in/b", "two"], 1);
    expect(bringBack(stage, "/out/b")).toEqual(new Set());
  });

  it("is the source's while that has no copy but what may be another's, too", () => {
    const stage = newStage();
    stage.act(["from", "put", "/in/a", "one"], 1);
    stage.act(["from", "put", "/in/b", "one"], 1);
    upload(stage, "/out/a", "one");
    upload(stage, "/out/b", "one");
    stage.act(["from", "trash", "/in/b"], 1);
    expect(bringBack(stage, "/out/a")).toEqual(new Set());
  });

  it("is the source's while the only other copy is a person's own file", () => {
    const stage = newStage();
    stage.act(["from", "put", "/in/a", "one"], 1);
    upload(stage, "/out/a", "one");
    stage.act(["to", "put", "/out/b", "one"], 1);
    expect(bringBack(stage, "/out/a")).toEqual(new Set());
  });
});
