import { mkdirSync, writeFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../cli/helpers.ts";
import { launchChromium } from "./chromium.ts";
import { accounts, open, serving, setUp, soon } from "./grounds.ts";

let browser: Browser;

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

const rule = (name: string, more: string) =>
  `  - { name: ${name}, from: "left:/${name}", to: "right:/${name}", quiet: 0s${more} }\n`;
const config = `${accounts}rules:
${rule("docs", ", on: manual, mode: two-way, conflict: review")}${rule("held", ", on: manual, mode: mirror")}`;

/** Each would run a script where it was taken for markup, an address or a part of a script. */
const names = [
  "<img src=x onerror=taken=1>.txt",
  '"><svg onload=taken=1>.txt',
  "'-taken=1-'.txt",
  "javascript:taken=1",
  "{{constructor.constructor('taken=1')()}}",
  "__proto__",
  "\u202etxt.exe",
  "a\nb\u001b[2J",
];

describe("names of files that would run something", () => {
  it("run nothing and break nothing, wherever they are shown", { timeout: 60_000 }, async () => {
    const { address, code, path } = await serving(config);
    for (const side of ["left", "right"]) {
      for (const folder of ["docs", "held"]) mkdirSync(path(`${side}/${folder}`));
    }
    for (const name of names) {
      writeFileSync(path(`left/docs/${name}`), `left ${name}`);
      writeFileSync(path(`right/docs/${name}`), `right, and another ${name}`);
      mkdirSync(path(`left/held/${name}`));
      writeFileSync(path(`left/held/${name}/${name}`), name);
      writeFileSync(path(`right/held/extra ${name}`), name);
    }
    const { page, complaints } = await open(browser, address);
    await setUp(page, code);
    const runs = `Promise.all(["docs", "held"].map((rule) => fetch("api/v1/rules/" + rule + "/run", { method: "POST" })))`;
    await page.evaluate(runs);
    const review = () =>
      page.evaluate<number>(
        `fetch("api/v1/review").then((told) => told.text()).then((text) => text.split("onerror").length)`,
      );
    await expect.poll(review, soon).toBeGreaterThan(2);
    const [first = ""] = names;
    for (const place of ["review", "activity", "rules/docs", "rules/held", "connections"]) {
      await page.goto(`${address}/#/${place}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (place === "review" || place === "activity") {
        await page.getByText(first).first().waitFor();
      }
    }
    await page.goto(`${address}/#/activity`);
    for (const name of names.slice(0, 3)) {
      await page.getByLabel("The story of one file").fill(`left:/docs/${name}`);
      await page.getByRole("button", { name: "Explain" }).click();
      const dialog = page.getByRole("dialog").filter({ hasText: name });
      await dialog.getByText("needs you").first().waitFor();
      await page.keyboard.press("Escape");
    }
    // Folders have these names too: the picker shows them, and a preview what would be done with them.
    await page.goto(`${address}/#/rules/new`);
    await page.getByRole("button", { name: "Choose…" }).first().click();
    for (const name of ["left:/", "held"]) {
      await page.getByRole("treeitem", { name }).first().click();
      await page.keyboard.press("ArrowRight");
    }
    for (const name of names.slice(0, 3)) {
      await page.getByRole("tree").getByText(name).waitFor();
    }
    await page.getByRole("treeitem", { name: first }).click();
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Name" }).fill("chosen");
    await page.getByLabel("to", { exact: true }).fill("right:/new");
    await expect
      .poll(() => page.getByLabel("When files change in").inputValue())
      .toBe(`left:/held/${first}`);
    await page.getByText("1 file matches").waitFor();
    expect(await page.evaluate("typeof taken")).toBe("undefined");
    expect(await page.evaluate("document.querySelectorAll('[onerror], [onload]').length")).toBe(0);
    expect(complaints).toEqual([]);
  });
});
