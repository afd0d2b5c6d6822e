import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../cli/helpers.ts";
import { launchChromium } from "./chromium.ts";
import { accounts, open, proxied, serving, setUp, soon, tokenIn, violations } from "./grounds.ts";
import { connect, services, started } from "./services.ts";

let browser: Browser;

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** Services send nobody back to a number. */
const named = (address: string) => address.replace("127.0.0.1", "localhost");

describe("an account at a service", () => {
  it.each([
    { name: "dropbox", hears: "Told at once, by long poll" },
    { name: "google-drive", hears: "the service would call at a public address" },
    { name: "onedrive", hears: "the service would call at a public address" },
  ] as const)(
    "is signed in to, and anew with one press when its grant has died; its rules wait meanwhile: $name",
    async ({ name, hears }) => {
      const service = await started(services[name]);
      service.put("a.txt", "hello");
      const desk = await serving(accounts);
      const { code, path } = desk;
      const address = named(desk.address);
      const { page } = await open(browser, address);
      await setUp(page, code);
      expect(await connect(page, "cloud", service)).toBe(`${address}/oauth/${name}/callback`);
      const card = page.getByRole("listitem").filter({
        has: page.getByRole("heading", { name: "cloud", exact: true }),
      });
      await card.getByText("well", { exact: true }).waitFor();
      await card.getByText(hears).waitFor();
      await card.getByText(/read, change, remove/).waitFor();
      await card.getByText(/ of .* used/).waitFor();
      await page.goto(`${address}/#/rules/new`);
      await page.getByRole("textbox", { name: "Name" }).fill("docs");
      await page.getByLabel("When files change in").fill("cloud:/Docs");
      await page.getByLabel("to", { exact: true }).fill("left:/");
      await page.getByText("1 file matches").waitFor();
      await page.getByRole("button", { name: "Make the rule" }).click();
      await expect.poll(() => existsSync(path("left/a.txt")), soon).toBe(true);
      await page.getByText("in step", { exact: true }).first().waitFor();
      await page.getByRole("link", { name: "Connections" }).click();
      expect(service.revoke(tokenIn(path("data"), "cloud"))).toBe(true);
      service.put("b.txt", "more");
      await card.getByText("sign-in needed", { exact: true }).waitFor();
      await card.getByText("docs will wait. Nothing is lost.").waitFor();
      expect(await violations(page)).toEqual([]);
      const [rule] = ((await desk.json("status")).document as { rules: object[] }).rules;
      expect(rule).toMatchObject({ state: "sign-in-needed", failed: 0 });
      await page.getByRole("link", { name: "Rules" }).click();
      await page.getByRole("link", { name: /^docs sign-in needed/ }).waitFor();
      await page.getByRole("link", { name: "Connections" }).click();
      await card.getByRole("button", { name: "Sign in anew" }).click();
      await page.getByText("“cloud” is signed in.").waitFor();
      await expect.poll(() => existsSync(path("left/b.txt")), soon).toBe(true);
      await card.getByText("well", { exact: true }).waitFor();
      const said = (await desk.json("status")).document;
      expect(said).toMatchObject({ rules: [{ rule: "docs", state: "in-step" }] });
    },
  );

  it("comes back to a dashboard below a path, by the address that was shown to be copied", async () => {
    const service = await started(services["google-drive"]);
    const { address, code, path } = await serving(accounts);
    const proxy = named(await proxied(address, "/sync"));
    const { page } = await open(browser, named(address));
    await setUp(page, code);
    // Whoever comes through a proxy may not name an address of this machine: the account is there before.
    await connect(page, "drive", service);
    expect(service.revoke(tokenIn(path("data"), "drive"))).toBe(true);
    await page.goto(`${proxy}/sync/#/connections`);
    await page.getByRole("button", { name: "Connect an account" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Google Drive").check();
    const shown = await dialog.locator("li code").textContent();
    expect(shown).toBe(`${proxy}/sync/oauth/google-drive/callback`);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Sign in anew" }).click();
    await page.getByText("“drive” is signed in.").waitFor();
    expect(page.url()).toContain(`${proxy}/sync/#/connections`);
  });

  it("can't be begun at an address that services send nobody back to, which is said with a link", async () => {
    const { address, code } = await serving(accounts);
    const { page } = await open(browser, address);
    await setUp(page, code);
    await page.getByRole("link", { name: "Connections" }).click();
    await page.getByRole("button", { name: "Connect an account" }).click();
    await page.getByLabel("OneDrive").check();
    await page.getByText("Services send browsers back to https addresses").waitFor();
    const link = page.getByRole("dialog").getByRole("link", { name: "localhost" });
    expect(await link.getAttribute("href")).toMatch(/^http:\/\/localhost:\d+\/#\/connections$/);
  });

  it("is disconnected with the rules that use it, which are named before", async () => {
    const desk = await serving(accounts);
    const { page } = await open(browser, desk.address);
    await setUp(page, desk.code);
    await page.getByRole("link", { name: "Connections" }).click();
    await page.getByRole("button", { name: "Connect an account" }).click();
    await page.getByLabel("A name of your choice").fill("more");
    await page.getByLabel("Folder", { exact: true }).fill(desk.path("third"));
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByRole("heading", { name: "more", exact: true }).waitFor();
    await page.goto(`${desk.address}/#/rules/new`);
    await page.getByRole("textbox", { name: "Name" }).fill("docs");
    await page.getByLabel("When files change in").fill("left:/");
    await page.getByLabel("to", { exact: true }).fill("more:/");
    await page.getByRole("button", { name: "Make the rule" }).click();
    await page.getByRole("heading", { name: "docs" }).waitFor();
    await page.getByRole("link", { name: "Connections" }).click();
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    const button = page.getByRole("button", { name: "Disconnect" });
    await button.click();
    expect(asked[0]).toContain("The rules that use it end: docs. No file is touched.");
    await page.getByRole("heading", { name: "more", exact: true }).waitFor();
    await button.click();
    await page.getByRole("heading", { name: "more", exact: true }).waitFor({ state: "detached" });
    await page.getByText("Three steps to the first rule").waitFor();
  });
});
