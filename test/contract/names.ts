import { describe, expect, it } from "vitest";
import { canHold, sameName } from "../../src/core/names.ts";
import { failure, needs, type Start } from "./harness.ts";

const hardNames = [
  "emoji 😀👩‍👩‍👧.txt",
  "caf\u00e9 composed.txt",
  "cafe\u0301 decomposed.txt",
  "日本語 العربية עברית.txt",
  'it\'s "quoted".txt',
  "100%25 #1 & a=b+c?.txt",
  "back\\slash.txt",
  "star*pipe|<less>.txt",
  "colon: semi; comma,.txt",
  " leading blank.txt",
  "trailing blank ",
  "trailing dot.",
  ".hidden",
  "...",
  "~tilde$dollar`tick",
  "{braces} [brackets] (parens)",
  "new\nline",
  "x".repeat(200),
];

/** What `traits.names` announces. */
export function testNames(start: Start) {
  testHardNames(start);
  testEqualNames(start);
}

function testHardNames(start: Start) {
  describe("names", () => {
    it.for(hardNames)("keeps the name %j", async (name, context) => {
      const { provider, root, file, folder, names } = await start();
      const rules = provider.traits.names;
      const stored = rules.unicode === "nfc" ? name.normalize("NFC") : name;
      needs(context, canHold(stored, rules) === null, "no name here");
      const { id } = await file("plain.txt", "a");
      expect((await provider.move(id, { parent: root, name })).name).toBe(stored);
      expect(await names()).toEqual([stored]);
      const inside = await folder("folder");
      await file(name, "b", { parent: inside.id });
      await provider.trash(id);
      await folder(name);
      expect(await names()).toEqual([stored, "folder"].sort());
      expect(await names(inside.id)).toEqual([stored]);
    });

    it("refuses what no name may hold with name-refused", async () => {
      const { provider, root, file, folder, names } = await start();
      const { forbidden, maxLength, blankEdges } = provider.traits.names;
      const refused = forbidden.map((character) => `a${character}b`);
      if (forbidden.includes("/")) refused.push(".", "..", "../escape");
      if (!blankEdges.leading) refused.push(" leading.txt");
      if (!blankEdges.trailing) refused.push("trailing ");
      if (maxLength) refused.push("x".repeat(maxLength.limit + 1));
      const { id } = await file("a.txt");
      for (const name of refused) {
        await failure(file(name), "name-refused");
        await failure(folder(name), "name-refused");
        await failure(provider.move(id, { parent: root, name }), "name-refused");
      }
      expect(await names()).toEqual(["a.txt"]);
    });

    it("takes names of the announced length", async (context) => {
      const { provider, file, names } = await start();
      const { maxLength } = provider.traits.names;
      needs(context, maxLength !== null && maxLength.limit <= 1000, "no practical limit");
      const longest = "x".repeat(maxLength?.limit ?? 0);
      await file(longest, "long");
      expect(await names()).toEqual([longest]);
    });
  });
}

function testEqualNames(start: Start) {
  describe("names that some take for equal", () => {
    it.each([
      ["case", "a.txt", "A.TXT"],
      ["Unicode form", "caf\u00e9.txt", "cafe\u0301.txt"],
    ])("are one or two by %s, as announced", async (_, first, second) => {
      const { provider, file, names } = await start();
      const rules = provider.traits.names;
      const { id } = await file(first, "first");
      if (sameName(first, second, rules) && !rules.duplicates) {
        const error = await failure(file(second, "second"), "already-exists");
        expect(error.existing?.id).toBe(id);
        expect(await names()).toEqual([first]);
      } else {
        expect((await file(second, "second")).id).not.toBe(id);
        expect(await names()).toHaveLength(2);
      }
    });
  });
}
