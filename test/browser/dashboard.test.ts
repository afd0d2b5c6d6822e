import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildProgram, createDesk } from "../cli/helpers.ts";
import { launchChromium } from "./chromium.ts";

let browser: Browser;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const password = "a long enough password";
const soon = { timeout: 15_000 };

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/, to: right:/, quiet: 0s, mode: two-way, conflict: review }
`;

/** The program as users start it, in a folder of its own. */
async function serving(yaml: string | null) {
  const desk = createDesk(yaml);
  for (const name of ["left", "right", "third"]) mkdirSync(desk.path(name));
  const started = desk.start("serve", "--port", "0", "--poll", "1s");
  let said = "";
  started.child.stderr?.on("data", (text: string) => {
    said += text;
  });
  onTestFinished(async () => {
    started.child.kill("SIGTERM");
    await started.ended;
    desk.clear();
  });
  await started.says("set-up code: ");
  await expect.poll(() => /code: [\w-]{14}/.test(said)).toBe(true);
  const address = /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "";
  return { ...desk, address, code: /code: ([\w-]+)/.exec(said)?.[1] ?? "" };
}

/** A page, with all that it complains of, and all that it asks of others. */
async function open(address: string, options: Parameters<Browser["newContext"]>[0] = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith("data:")) {
      complaints.push(`asked ${request.url()}`);
    }
  });
  await page.goto(`${address}/`);
  return { page, complaints };
}

async function setUp(page: Page, code: string): Promise<void> {
  await page.getByLabel("Set-up code").fill(code);
  await page.getByLabel("Your name").fill("Ada");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { name: "Rules" }).waitFor();
}

/** What axe finds wrong, in a word each. */
async function violations(page: Page): Promise<unknown> {
  // Not as a script of the page, which its policy forbids.
  await page.evaluate(axe);
  return page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
  );
}

describe("the dashboard", () => {
  it("leads from the first start to a rule at work, without a syncline.yaml", async () => {
    const { address, code, path, write } = await serving(null);
    const { page, complaints } = await open(address);
    await setUp(page, code);
    await page.getByRole("button", { name: "Connect your first account" }).click();
    for (const name of ["left", "right"]) {
      await page.getByRole("button", { name: "Connect an account" }).click();
      await page.getByLabel("A name of your choice").fill(name);
      await page.getByLabel("Folder", { exact: true }).fill(path(name));
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByRole("heading", { name, exact: true }).waitFor();
    }
    write("left/Invoices/a.pdf", "an invoice");
    await page.goto(`${address}/#/rules/new`);
    await page.getByRole("textbox", { name: "Name" }).fill("invoices");
    await page.getByRole("button", { name: "Choose…" }).first().click();
    const tree = page.getByRole("tree");
    await tree.getByText("Invoices").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.getByLabel("When files change in").inputValue())
      .toBe("left:/Invoices");
    await page.getByLabel("to", { exact: true }).fill("right:/Copies");
    await page.getByText("1 file matches, 10 B").waitFor();
    await page.getByRole("button", { name: "Make the rule" }).click();
    await page.getByRole("heading", { name: "invoices" }).waitFor();
    await expect.poll(() => existsSync(path("right/Copies/a.pdf")), soon).toBe(true);
    await page.getByText("in step", { exact: true }).first().waitFor();
    expect(complaints).toEqual([]);
  });

  it("has a conflict decided, shows what was done, and tells the story of a file", async () => {
    const { address, code, path, write } = await serving(config);
    const { page, complaints } = await open(address);
    await setUp(page, code);
    write("left/a.txt", "1");
    await expect.poll(() => existsSync(path("right/a.txt")), soon).toBe(true);
    await page.getByText("in step", { exact: true }).waitFor();
    await page.getByRole("link", { name: /^docs/ }).click();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("somebody paused it in the dashboard").waitFor();
    write("left/a.txt", "left");
    write("right/a.txt", "the right one");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("link", { name: /Review 1/ }).click();
    await page.getByRole("button", { name: "Keep left" }).click();
    await page.getByText("Nothing waits for you").waitFor();
    expect(readFileSync(path("right/a.txt"), "utf8")).toBe("left");
    await page.getByRole("link", { name: "Activity" }).click();
    await page.getByText("a.txt").first().waitFor();
    await page.getByLabel("The story of one file").fill("left:/a.txt");
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByText("both sides agree").waitFor();
    expect(complaints).toEqual([]);
  });

  it("shows each role what it may, and signs out", async () => {
    const { address, code } = await serving(config);
    const { page } = await open(address);
    await setUp(page, code);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("Invite somebody").fill("bo@example.com");
    await page.getByRole("button", { name: "Invite" }).click();
    const link = await page.locator("code", { hasText: "#/join/" }).textContent();
    const { page: guest } = await open(address);
    await guest.goto(link ?? "");
    await guest.getByLabel("Your name").fill("Bo");
    await guest.getByLabel("Password").fill(password);
    await guest.getByRole("button", { name: "Join" }).click();
    await guest.getByRole("heading", { name: "Rules" }).waitFor();
    expect(await guest.getByRole("button", { name: "New rule" }).count()).toBe(0);
    await guest.goto(`${address}/#/rules/docs`);
    await guest.getByRole("heading", { name: "docs" }).waitFor();
    expect(await guest.getByRole("button", { name: "Run now" }).count()).toBe(0);
    await guest.getByRole("button", { name: "Sign out" }).click();
    await guest.getByRole("heading", { name: "Sign in" }).waitFor();
    await guest.getByLabel("E-mail address").fill("bo@example.com");
    await guest.getByLabel("Password").fill("not this one");
    await guest.getByRole("button", { name: "Sign in", exact: true }).click();
    await guest.getByRole("alert").getByText("do not belong together").waitFor();
  });

  it.each([
    {
      name: "on a desk, in the light",
      viewport: { width: 1240, height: 800 },
      colorScheme: "light",
    },
    { name: "on a phone, in the dark", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
  ] as const)("is for everybody: $name", async ({ viewport, colorScheme }) => {
    const { address, code, write } = await serving(config);
    const { page, complaints } = await open(address, { viewport, colorScheme });
    expect(await violations(page)).toEqual([]);
    await setUp(page, code);
    write("left/a.txt", "1");
    await page.getByText("in step", { exact: true }).waitFor();
    for (const place of [
      "rules",
      "rules/docs",
      "rules/new",
      "review",
      "activity",
      "connections",
      "settings",
    ]) {
      await page.goto(`${address}/#/${place}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      // Lists come a moment later.
      await page.waitForTimeout(300);
      expect(await violations(page), place).toEqual([]);
      const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(wide, place).toBeLessThanOrEqual(0);
    }
    await page.goto(`${address}/#/connections`);
    await page.getByRole("button", { name: "Connect an account" }).click();
    await page.getByLabel("Google Drive").check();
    expect(await violations(page), "connecting").toEqual([]);
    await page.keyboard.press("Escape");
    await page.goto(`${address}/#/rules/new`);
    await page.getByRole("button", { name: "Choose…" }).first().click();
    await page.getByRole("treeitem").first().waitFor();
    expect(await violations(page), "choosing").toEqual([]);
    expect(complaints).toEqual([]);
  });
});
