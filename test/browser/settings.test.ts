import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildProgram } from "../cli/helpers.ts";
import { startHttp } from "../notify/servers.ts";
import { launchChromium } from "./chromium.ts";
import { accounts, open, serving, setUp, violations } from "./grounds.ts";

let browser: Browser;

beforeAll(async () => {
  buildProgram();
  browser = await launchChromium();
});
afterAll(() => browser?.close());

it("gives a backup, and says when the last one was made", async () => {
  const { address, code } = await serving(accounts);
  const { page, complaints } = await open(browser, address, {
    viewport: { width: 390, height: 844 },
  });
  await setUp(page, code);
  await page.goto(`${address}/#/settings`);
  await page.getByText("None was made yet.").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download a backup" }).click();
  expect((await download).suggestedFilename()).toMatch(/^syncline-[\d-]+\.sqlite$/);
  await (await download).path();
  await page.evaluate("dispatchEvent(new Event('focus'))");
  await page.getByText(/The last one was made/).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it("lists who is told, sends a test, adds and removes", async () => {
  const { calls, origin } = await startHttp();
  const file = `${accounts}notify: [{ when: [held, stale], to: "${origin}/hook" }]\n`;
  const { address, code } = await serving(file);
  const { page, complaints } = await open(browser, address, { colorScheme: "dark" });
  await setUp(page, code);
  await page.goto(`${address}/#/settings`);
  const part = page.locator("section", {
    has: page.getByRole("heading", { name: "Notifications" }),
  });
  await part.getByText("stands in syncline.yaml").waitFor();
  expect(await part.getByRole("button", { name: "Remove" }).count()).toBe(0);
  await part.getByRole("button", { name: "Send a test" }).click();
  await part.getByText("It was taken. Look whether it has arrived.").waitFor();
  expect(JSON.parse(calls[0]?.body ?? "").data.title).toBe("A test from Syncline");
  expect(complaints).toEqual([]);

  const to = part.getByLabel("Where to");
  await to.fill("https://127.0.0.1:1/secret");
  await part.getByRole("button", { name: "Add" }).click();
  await part.getByText("is not an address of the internet").waitFor();
  expect(await to.getAttribute("aria-invalid")).toBe("true");
  await to.fill("ntfy://93.184.216.34/my-own-topic");
  await part.getByLabel("a rule fails").uncheck();
  await part.getByRole("button", { name: "Add" }).click();
  await part.getByText("93.184.216.34/my-o…").waitFor();
  expect(await part.textContent()).not.toContain("my-own-topic");
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  const width = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  expect(width).toBeLessThanOrEqual(0);
  page.on("dialog", (dialog) => void dialog.accept());
  await part.getByRole("button", { name: "Remove 93.184.216.34/my-o…" }).click();
  await part.getByText("93.184.216.34").waitFor({ state: "detached" });
});
