import { existsSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../cli/helpers.ts";
import { launchChromium } from "./chromium.ts";
import { accounts, open, serving, setUp, soon, violations } from "./grounds.ts";

/** The form of a rule, as people use it. */

const three = `${accounts}  third: { provider: local, root: third }
  drive: { provider: google-drive, clientId: a, clientSecret: b, refreshToken: c }
`;
const inFile = `${three}rules:
  - { name: filed, from: left:/, to: third:/filed, on: "0 3 * * 1", include: ["*.none"] }
`;

let browser: Browser;

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** A new rule's form, of somebody who has signed in. */
async function editing(yaml = three, options: Parameters<typeof open>[2] = {}) {
  const served = await serving(yaml);
  const opened = await open(browser, served.address, options);
  await setUp(opened.page, served.code);
  const go = (place: string) => opened.page.goto(`${served.address}/#/rules/${place}`);
  await go("new");
  await opened.page.getByRole("heading", { name: "New rule" }).waitFor();
  return { ...served, ...opened, go, yaml: opened.page.getByLabel("The rule as YAML") };
}

async function fill(page: Page, from = "left:/", to = "right:/") {
  await page.getByRole("textbox", { name: "Name" }).fill("docs");
  await page.getByLabel("When files change in").fill(from);
  await page.getByLabel("to", { exact: true }).fill(to);
}

describe("the form of a rule", () => {
  it("makes a rule with the keyboard alone", async () => {
    const { page, path, write, complaints } = await editing();
    write("left/Invoices/a.pdf", "an invoice");
    const { keyboard } = page;
    await page.getByRole("textbox", { name: "Name" }).focus();
    await keyboard.type("invoices");
    // "all files", then the place.
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.type("left:/");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await page.getByRole("tree").getByText("Invoices").waitFor();
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    const from = page.getByLabel("When files change in");
    await expect.poll(() => from.inputValue()).toBe("left:/Invoices");
    // The focus is back at "Choose…"; "change" comes next, which opens what it is about.
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await page.getByLabel("It runs").waitFor();
    await page.getByLabel("What is done with them").focus();
    await keyboard.type("copy");
    await keyboard.press("Tab");
    await keyboard.type("right:/Copies");
    await page.getByText("1 file matches, 10 B").waitFor();
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "invoices" }).waitFor();
    await expect.poll(() => existsSync(path("right/Copies/a.pdf")), soon).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("has every field, and the YAML says the same", async () => {
    const { page, yaml } = await editing();
    await fill(page);
    await page.getByRole("button", { name: "Add a destination" }).click();
    await page.getByLabel("and to").fill("third:/a");
    await page.getByRole("button", { name: "Which files: " }).click();
    await page.getByLabel("Only files that match one of").fill("**/*.{pdf,doc}\n\n*.txt");
    await page.getByLabel("Smaller than").fill("2GiB");
    await page.getByLabel("Modified less than so long ago").fill("30d");
    await page.locator("#rule-care summary").click();
    await page.getByLabel("overwriting more than").fill("none");
    await page.locator("#rule-secrecy summary").click();
    const arrives = page.getByLabel("Content arrives");
    await arrives.selectOption("passphrase");
    await page.getByLabel("Where the passphrase is").fill("$LETTERS");
    await expect.poll(() => yaml.inputValue()).toContain("encrypt: passphrase\n");
    await arrives.selectOption("recipients");
    await page.getByLabel("For these keys").fill("age1one\nage1two");
    await page.getByLabel("Where the secret key is").fill("$file:/run/key");
    await page.getByLabel("Names of files and folders, too").check();
    await page.locator("#rule-ways summary").click();
    await page.getByLabel("Speed", { exact: true }).selectOption("times");
    await page.getByRole("button", { name: "Remove the limit from 08:00 on" }).click();
    await page.getByLabel("Paused").check();
    await expect
      .poll(() => yaml.inputValue())
      .toBe(`- name: docs
  from: left:/
  to:
    - right:/
    - third:/a
  include:
    - "**/*.{pdf,doc}"
    - "*.txt"
  where:
    smallerThan: 2GiB
    newerThan: 30d
  guard:
    changes: none
  encrypt:
    - age1one
    - age1two
  identity: $file:/run/key
  encryptNames: true
  bandwidth:
    - at: 19:00
      limit: none
  paused: true
`);
    await page.getByRole("button", { name: "Remove right:/" }).click();
    await expect.poll(() => yaml.inputValue()).toContain("to: third:/a\n");
    // They are a matter of rules that a Google Drive takes part in.
    const documents = page.getByLabel("Google documents");
    expect(await documents.count()).toBe(0);
    await page.getByRole("textbox", { name: "Name" }).fill("");
    await page.getByLabel("When files change in").fill("drive:/");
    await documents.selectOption("pdf");
    await expect.poll(() => yaml.inputValue()).toContain("googleDocs: pdf\n");
  });

  it("says when a rule runs, and when next, in its time zone", async () => {
    const { page, yaml } = await editing();
    await fill(page);
    await page.getByRole("button", { name: "When it runs: change" }).click();
    await page.getByRole("button", { name: "Add another time" }).click();
    await page.getByLabel("Repeats").selectOption("week");
    await page.getByLabel("Friday").check();
    await page.getByLabel("At", { exact: true }).fill("17:30");
    await page.getByLabel("Time zone of its times").fill("Asia/Tokyo");
    await page.getByText(/^On Mondays and Fridays at 17:30/).waitFor();
    await page.getByText(/Next: (Mon|Fri) .*17:30 · .*17:30 · .*17:30 \(Asia\/Tokyo\)/).waitFor();
    await page
      .getByRole("button", { name: "When it runs: change and on Mondays and Fridays at 17:30" })
      .waitFor();
    await expect.poll(() => yaml.inputValue()).toContain("- 30 17 * * 1,5\n");
    await page.getByLabel("Repeats").selectOption("own");
    await page.getByLabel("Cron line").fill("*/15 9-17 * * MON-FRI");
    await page.getByText(/^On weekdays every 15 minutes from 09:00 to 17:45/).waitFor();
    await page.getByLabel("Cron line").fill("99 9 * * *");
    await page
      .getByText(/is not a cron line/)
      .first()
      .waitFor();
  });

  it("takes YAML, says on which line it is wrong, and loses nothing that it can't show", async () => {
    const { page, yaml } = await editing();
    await yaml.fill("name: docs\nfrom: left:/\nto: right:/\nwhere: { newerThan: 1d, odd: [1] }\n");
    await expect.poll(() => page.getByLabel("When files change in").inputValue()).toBe("left:/");
    await page.getByText(/^Line 4: "odd" is not a field of "where"/).waitFor();
    await page.getByLabel("Modified less than so long ago").fill("2d");
    await expect.poll(() => yaml.inputValue()).toContain("newerThan: 2d\n    odd:\n      - 1\n");
    await yaml.fill("name: docs\nfrom: [left");
    await page.getByText(/^Line 2: /).waitFor();
    expect(await yaml.getAttribute("aria-invalid")).toBe("true");
    expect(await page.getByRole("button", { name: "Make the rule" }).isDisabled()).toBe(true);
    // Who goes on in the form takes what that holds.
    await page.getByRole("textbox", { name: "Name" }).fill("more");
    await expect.poll(() => yaml.inputValue()).toContain("- name: more\n  from: left:/\n");
    await yaml.fill("name: docs\nfrom: left:/\nto: right:/\nwhere: all\n");
    await page.getByText("“where” is written in a way that this form can't show").waitFor();
    await page.getByLabel("Only files that match one of").fill("*.txt");
    await expect.poll(() => yaml.inputValue()).toContain("where: all\n");
  });

  it("warns of what the first run would meet", async () => {
    const { page, write } = await editing();
    write("left/a.txt", "left");
    write("right/a.txt", "the right one");
    await fill(page);
    await page.getByText("1 file at right:/ has other content than at the source").waitFor();
    await page.getByText(/The first run: 1 file to copy, .*; 4 B to transfer/).waitFor();
  });

  it("saves only what has changed, and asks before that is lost", async () => {
    const { page, go } = await editing();
    const asked: string[] = [];
    let answer = false;
    page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      return answer ? dialog.accept() : dialog.dismiss();
    });
    await fill(page, "left:/", "right:/x");
    await page.getByLabel("What is done with them").selectOption("mirror");
    await page.getByRole("button", { name: "Make the rule" }).click();
    await page.getByRole("heading", { name: "docs" }).waitFor();
    expect(asked).toEqual([]);
    await page.getByRole("button", { name: "Edit" }).click();
    const save = page.getByRole("button", { name: "Save" });
    expect(await save.isDisabled()).toBe(true);
    const mode = page.getByLabel("What is done with them");
    await mode.selectOption("copy");
    expect(await save.isEnabled()).toBe(true);
    await mode.selectOption("mirror");
    expect(await save.isDisabled()).toBe(true);
    await mode.selectOption("copy");
    await page.getByRole("link", { name: "Review" }).click();
    await expect.poll(() => asked.length).toBe(1);
    expect(page.url()).toContain("/rules/docs/edit");
    expect(await mode.inputValue()).toBe("copy");
    answer = true;
    await go("filed");
    await expect.poll(() => asked.length).toBe(2);
    expect(page.url()).toContain("/rules/filed");
  });

  it("shows a rule of the file, which is changed there", async () => {
    const { page, go, yaml } = await editing(inFile);
    await go("filed");
    await page.getByRole("button", { name: "View" }).click();
    await page.getByText("This rule stands in syncline.yaml.").waitFor();
    expect(await page.getByLabel("When files change in").isDisabled()).toBe(true);
    await expect.poll(() => yaml.inputValue()).toContain("- name: filed\n");
    expect(await yaml.isEditable()).toBe(false);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy YAML" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toContain("from: left:/");
    expect(await page.getByRole("button", { name: "Save" }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  it.each([
    {
      name: "on a desk, in the light",
      viewport: { width: 1240, height: 800 },
      colorScheme: "light",
    },
    { name: "on a phone, in the dark", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
  ] as const)("is for everybody: $name", async ({ viewport, colorScheme }) => {
    const { page, complaints } = await editing(three, { viewport, colorScheme });
    await fill(page);
    await page.getByRole("button", { name: "Add a destination" }).click();
    await page.getByLabel("and to").fill("nowhere:/");
    for (const name of ["files", "when", "care", "ways"]) {
      await page.locator(`#rule-${name} summary`).click();
    }
    await page.getByRole("button", { name: "Add another time" }).click();
    await page.getByLabel("Speed", { exact: true }).selectOption("times");
    await page.getByText("there is no account").first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    expect(complaints.filter((each) => !each.includes("422"))).toEqual([]);
  });
});
