import { describe, expect, it } from "vitest";
import { lintIdentified } from "../../src/config/graph.ts";
import { graphConfig, graphProblems } from "./helpers.ts";

/** What shows once box and boxLater, which have grants of their own, are known to be one account. */
function found(...rules: string[]) {
  const identities = new Map([
    ["box", "dbid:1"],
    ["boxLater", "dbid:1"],
    ["drive", "dbid:1"],
    ["boxHere", "dbid:1"],
  ]);
  expect(graphProblems(...rules)).toEqual([]);
  return lintIdentified(graphConfig(...rules), identities);
}

const one = 'accounts "box" and "boxLater" are one: ';

describe("two names for one account", () => {
  it("do not hide that a rule writes into its own source", () => {
    expect(found("r: box:/Docs > boxLater:/docs/copy")).toEqual([
      {
        rules: ["r"],
        path: ["rules", 0, "to", 0],
        message: `${one}rule "r" can't write into its own source: "to" (boxLater:/docs/copy) lies inside "from" (box:/Docs); choose folders apart`,
        isWarning: false,
      },
    ]);
  });

  it("do not hide two writers", () => {
    expect(found("x: a:/1 > box:/In", "y: a:/2 > boxLater:/in")).toMatchObject([
      {
        rules: ["x", "y"],
        message: `${one}rules "x" and "y" write into one folder: boxLater:/in is the same as box:/In; give each its own`,
      },
    ]);
  });

  it("do not hide a circle, nor how rules came into it", () => {
    expect(
      found("x: box:/1 > a:/1", "other: a:/2 > b:/2", "y: a:/1 > b:/1", "z: b:/1 > boxLater:/1"),
    ).toMatchObject([
      {
        rules: ["x", "y", "z"],
        path: ["rules", 3, "from"],
        message: expect.stringMatching(`^${one}rules "x" → "y" → "z" → "x" copy in a circle`),
      },
    ]);
  });

  it("do not hide a race, which is only warned of", () => {
    expect(found("x: box:/In > a:/1, mode: move", "y: boxLater:/ > a:/2")).toMatchObject([
      { rules: ["x", "y"], isWarning: true },
    ]);
  });

  it("do no harm to rules with folders apart", () => {
    expect(found("x: box:/1 > boxLater:/2", "y: a:/1 > box:/3", "z: boxLater:/4 > a:/4")).toEqual(
      [],
    );
  });
});

describe("what is known of identities", () => {
  it("is told apart by provider and by where the service is", () => {
    expect(found("x: box:/1 > drive:/1", "y: box:/2 > boxHere:/2")).toEqual([]);
  });

  it("says nothing of accounts that are not known yet", () => {
    const config = graphConfig("r: box:/x > boxLater:/x");
    expect(lintIdentified(config, new Map([["box", "dbid:1"]]))).toEqual([]);
    expect(lintIdentified(config, new Map())).toEqual([]);
  });

  it("is of a local account where its root really is", () => {
    const config = graphConfig("r: a:/x > b:/");
    const linked = new Map([
      ["a", "/srv/a"],
      ["b", "/srv/a/x/y"],
    ]);
    expect(lintIdentified(config, linked)).toMatchObject([
      { message: expect.stringMatching('^rule "r" can\'t write into its own source') },
    ]);
  });

  it("repeats nothing that was said when the file was read", () => {
    const config = graphConfig("x: box:/In > a:/1, mode: move", "y: box:/ > a:/2");
    const identities = new Map([["box", "dbid:1"]]);
    expect(lintIdentified(config, identities)).toEqual([]);
  });
});
