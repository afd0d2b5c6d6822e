import { describe, expect, it } from "vitest";
import { lookOf, typeOf } from "../../src/server/api/preview.ts";
import { field } from "./harness.ts";
import { createServing } from "./serving.ts";

const docs =
  "  - { name: docs, from: left:/, to: right:/, mode: two-way, conflict: review, on: manual }\n";

/** Two versions of each file, and nobody has decided yet. */
async function conflicting(files: Readonly<Record<string, readonly [string, string]>>) {
  const serving = await createServing(docs);
  for (const [name, [left, right]] of Object.entries(files)) {
    serving.write(`left/${name}`, left);
    serving.write(`right/${name}`, right);
  }
  await serving.page.ask("POST", "/api/v1/rules/docs/run");
  const count = Object.keys(files).length;
  const listed = async () => (await serving.page.ask("GET", "/api/v1/review")).body;
  await expect
    .poll(async () => field(await listed(), "conflicts.length"), { timeout: 10_000 })
    .toBe(count);
  const conflicts = field(await listed(), "conflicts") as { id: string; path: string }[];
  const idOf = (path: string) => conflicts.find((each) => each.path === path)?.id ?? "";
  return {
    ...serving,
    conflicts,
    idOf,
    content: (path: string, query: string, method = "GET", page = serving.page) =>
      page.ask(method, `/api/v1/review/conflicts/${idOf(path)}/content?${query}`),
  };
}

describe("what a version of a conflict holds", () => {
  it("is given as it is, as what no browser runs or shows by itself", async () => {
    const { content } = await conflicting({
      "a.txt": ["left words", "the right words"],
      "b.PNG": ["left", "right one"],
      "c.svg": ["<svg onload='alert(1)'/>", "<svg/>"],
    });
    const answer = await content("a.txt", "side=to");
    expect(answer.body).toBe("the right words");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "15",
      "content-disposition": "attachment",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    expect((await content("b.PNG", "side=from")).headers.get("content-type")).toBe("image/png");
    const drawing = await content("c.svg", "side=from");
    expect(drawing.headers.get("content-type")).toBe("application/octet-stream");
    const head = await content("a.txt", "side=to", "HEAD");
    expect([head.status, head.body]).toEqual([200, ""]);
  });

  it("is for those who may decide, and for keys that may", async () => {
    const { page, invited, browser, content } = await conflicting({ "a.txt": ["1", "22"] });
    expect((await content("a.txt", "side=to", "GET", await invited(page, "viewer"))).status).toBe(
      403,
    );
    expect((await content("a.txt", "side=to", "GET", await invited(page, "editor"))).status).toBe(
      200,
    );
    expect((await content("a.txt", "side=to", "GET", browser())).status).toBe(401);
  });

  it.each([
    { name: "text", file: "a.txt", bytes: 256 * 1024 },
    { name: "a picture", file: "a.png", bytes: 8 * 1024 * 1024 },
  ])("has its limit: $name", async ({ file, bytes }) => {
    const { content } = await conflicting({ [file]: ["a".repeat(bytes), "b".repeat(bytes + 1)] });
    const most = await content(file, "side=from");
    expect([most.status, String(most.body).length]).toEqual([200, bytes]);
    const more = await content(file, "side=to");
    expect([more.status, field(more.body, "error.code")]).toEqual([413, "too-large"]);
  });

  it("is that of the version that was found, or nothing", async () => {
    const { content, conflicts, write, page } = await conflicting({ "a.txt": ["1", "22"] });
    const shown = encodeURIComponent(String(field(conflicts[0], "from.revision")));
    expect((await content("a.txt", `side=from&revision=${shown}`)).body).toBe("1");
    const other = await content("a.txt", "side=from&revision=other");
    expect([other.status, field(other.body, "error.code")]).toEqual([409, "moved-on"]);
    write("left/a.txt", "a new one, which nobody has looked at");
    const gone = await content("a.txt", `side=from&revision=${shown}`);
    expect([gone.status, gone.headers.has("content-length")]).toEqual([409, false]);
    expect(field(gone.body, "error.message")).toContain('"a.txt" has changed since conflict');
    const none = await page.ask("GET", "/api/v1/review/conflicts/c99/content?side=from");
    expect(field(none.body, "error.message")).toBe('there is no open conflict "c99"');
  });
});

describe("a decision", () => {
  it("counts for the versions that were seen", async () => {
    const { page, conflicts, idOf } = await conflicting({ "a.txt": ["1", "22"] });
    const id = idOf("a.txt");
    const seen = (side: string) => field(conflicts[0], `${side}.revision`);
    const decide = async (from: unknown) => {
      const versions = { [id]: { from, to: seen("to") } };
      const json = { ids: [id], keep: "to", seen: versions };
      return (await page.ask("POST", "/api/v1/review/conflicts", json)).body;
    };
    const refused = await decide("an older one");
    expect(field(refused, "decided")).toEqual([]);
    expect(field(refused, "refused.0.message")).toContain("has changed since");
    expect(await decide(seen("from"))).toEqual({ decided: [id], refused: [] });
  });
});

describe("how versions can be looked at", () => {
  const at = (location: string | null, sizeBytes: number | null = 1) => ({
    location,
    sizeBytes,
    modifiedAt: null,
    revision: null,
  });

  it.each([
    { name: "text", from: at("a:/x.txt"), to: at("b:/x.txt"), look: "text" },
    { name: "without an end", from: at("a:/x"), to: at("b:/x"), look: "text" },
    { name: "pictures", from: at("a:/x.JPG"), to: at("b:/x.webp"), look: "picture" },
    { name: "no scripts", from: at("a:/x.svg"), to: at("b:/x.svg"), look: "text" },
    { name: "one of each", from: at("a:/x.png"), to: at("b:/x.txt"), look: null },
    { name: "one too large", from: at("a:/x.txt"), to: at("b:/x.txt", 262_145), look: null },
    { name: "one is gone", from: at(null, null), to: at("b:/x.txt"), look: null },
    { name: "no bytes", from: at("a:/x", null), to: at("b:/x"), look: null },
  ])("$name", ({ from, to, look }) => {
    expect(lookOf({ from, to })).toBe(look);
  });

  it("never as what could hold a script", () => {
    for (const name of ["a.html", "a.svg", "a.xml", "a.png.html", "png", "a.constructor"]) {
      expect(typeOf(name)).toBe("application/octet-stream");
    }
  });
});
