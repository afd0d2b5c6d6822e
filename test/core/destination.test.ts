import { describe, expect, it } from "vitest";
import { createDestination, templateProblem } from "../../src/core/destination.ts";

const facts = {
  path: ["Invoices", "2026", "acme.tar.gz"],
  modifiedAt: new Date("2026-03-09T23:05:00Z"),
  createdAt: new Date("2025-12-31T00:00:00Z"),
};

describe("createDestination", () => {
  it.each([
    [null, ["Invoices", "2026", "acme.tar.gz"]],
    ["{yyyy}/{mm}/{name}", ["2026", "03", "acme.tar.gz"]],
    ["{path}/{name}", ["Invoices", "2026", "acme.tar.gz"]],
    ["all/{path}/{stem}-{yyyy}{mm}{dd}.{ext}", ["all", "Invoices", "2026", "acme-20260309.tar.gz"]],
    ["{hh}-{min} {name}", ["23-05 acme.tar.gz"]],
    ["old-{path}/{name}", ["old-Invoices", "2026", "acme.tar.gz"]],
    ["{{{stem}}}", ["{acme}"]],
    ["{{stem}}-{stem}", ["{stem}-acme"]],
    ["a//b/{name}", ["a", "b", "acme.tar.gz"]],
  ])("%j", (as, path) => {
    expect(createDestination(as)(facts)).toEqual({ path });
  });

  it.each([
    ["{path}/{name}", ["top.pdf"], ["top.pdf"]],
    ["{stem}.{ext}", ["README"], ["README"]],
    ["{stem}.{ext}", [".bashrc"], [".bashrc"]],
    ["{ext}/{name}", ["README"], ["README"]],
    ["x/{name}", ["a/b.pdf"], ["x", "a/b.pdf"]],
    ["x/{name}", [".."], ["x", "．．"]],
    ["{path}/{name}", ["..", "a"], ["．．", "a"]],
  ])("%j of %j", (as, path, expected) => {
    expect(createDestination(as)({ ...facts, path })).toEqual({ path: expected });
  });

  it("falls back to the created time, and says so when there is none", () => {
    const destination = createDestination("{yyyy}/{name}");
    expect(destination({ ...facts, modifiedAt: null })).toEqual({ path: ["2025", "acme.tar.gz"] });
    expect(destination({ ...facts, modifiedAt: null, createdAt: null })).toEqual({
      problem: '"as" needs a time, and the file has none',
    });
  });

  it("needs no time for a template without one", () => {
    const timeless = { ...facts, modifiedAt: null, createdAt: null };
    expect(createDestination("x/{name}")(timeless)).toEqual({ path: ["x", "acme.tar.gz"] });
  });

  it("refuses a template that was never checked", () => {
    expect(() => createDestination("{nme}")).toThrow('as: "{nme}" is not a field of a template');
  });
});

describe("templateProblem", () => {
  it.each([
    ["{yyyy}/{mm}", "its last part holds neither {name} nor {stem}, so files would share one name"],
    [
      "{name}/{yyyy}",
      "its last part holds neither {name} nor {stem}, so files would share one name",
    ],
    ["", "its last part holds neither {name} nor {stem}, so files would share one name"],
    ["/{name}", 'it begins with "/", but is relative to "to"'],
    ["../{name}", '"." and ".." are not allowed in a path'],
    ["{path}{name}", '{path} needs a "/" after it'],
    ["{name", 'a single "{" is not closed: write "{{" for a brace'],
    ["name}", 'a single "}" is not closed: write "}}" for a brace'],
  ])("%j: %s", (template, problem) => {
    expect(templateProblem(template)).toEqual({ problem });
  });

  it("names the unknown field", () => {
    expect(templateProblem("{yyy}/{name}")?.field).toBe("yyy");
  });

  it("has nothing against a right one", () => {
    expect(templateProblem("{yyyy}/{mm}/{name}")).toBeNull();
  });
});
