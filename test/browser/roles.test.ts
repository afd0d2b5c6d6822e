import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../cli/helpers.ts";
import { launchChromium } from "./chromium.ts";
import { open, password, serving, setUp } from "./grounds.ts";

let browser: Browser;

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

const config = `accounts:
  left: { provider: local, root: left }
  right: { provider: local, root: right }
rules:
  - { name: docs, from: left:/, to: right:/, quiet: 0s, on: manual }
`;

/** What is to be pressed on a page, and the least that somebody must be to find it there. */
const offers = [
  { place: "rules", button: "New rule", least: "editor" },
  { place: "rules/docs", button: "Run now", least: "editor" },
  { place: "rules/docs", button: "Pause", least: "editor" },
  { place: "connections", button: "Connect an account", least: "admin" },
  { place: "connections", button: "Disconnect", least: "admin" },
  { place: "settings", button: "Make a key", least: "viewer" },
  { place: "settings", button: "Add a passkey of this device", least: "viewer" },
  { place: "settings", button: "Invite", least: "admin" },
  { place: "settings", button: "Check the public address", least: "admin" },
] as const;

const roles = ["viewer", "editor", "admin"] as const;

/** The page of somebody whom the admin has invited. */
async function invited(admin: Page, address: string, role: (typeof roles)[number]): Promise<Page> {
  await admin.goto(`${address}/#/settings`);
  await admin.getByLabel("Invite somebody").fill(`${role}@example.com`);
  await admin.locator("select[name=role]").selectOption(role);
  await admin.getByRole("button", { name: "Invite" }).click();
  await admin.getByText(`invited as ${role}`).waitFor();
  const link = await admin.locator("code", { hasText: "#/join/" }).textContent();
  const { page } = await open(browser, address);
  await page.goto(link ?? "");
  await page.getByLabel("Your name").fill(role);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("heading", { name: "Rules" }).waitFor();
  return page;
}

describe("the page of each role", () => {
  it("offers what it may do, and nothing else", async () => {
    const desk = await serving(config);
    const address = desk.address.replace("127.0.0.1", "localhost");
    const { page: admin } = await open(browser, address);
    await setUp(admin, desk.code);
    await admin.goto(`${address}/#/connections`);
    await admin.getByRole("button", { name: "Connect an account" }).click();
    await admin.getByLabel("A name of your choice").fill("more");
    await admin.getByLabel("Folder", { exact: true }).fill(desk.path("third"));
    await admin.getByRole("button", { name: "Connect", exact: true }).click();
    await admin.getByRole("heading", { name: "more", exact: true }).waitFor();
    for (const role of roles) {
      const page = role === "admin" ? admin : await invited(admin, address, role);
      for (const { place, button, least } of offers) {
        await page.goto(`${address}/#/${place}`);
        const title = place === "rules/docs" ? "docs" : place;
        await page.getByRole("heading", { level: 1, name: new RegExp(title, "i") }).waitFor();
        if (place === "connections") await page.getByRole("heading", { name: "more" }).waitFor();
        const may = roles.indexOf(role) >= roles.indexOf(least);
        const found = await page.getByRole("button", { name: button, exact: true }).count();
        expect([role, place, button, found > 0]).toEqual([role, place, button, may]);
      }
    }
  });
});
