import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "../browser/chromium.ts";
import { buildProgram } from "../cli/helpers.ts";
import { type House, openHouse } from "./house.ts";

/** Takes the pictures of the README: each page of the dashboard at a desk, in the dark, and on a phone. */

const folder = join(import.meta.dirname, "../../.github/screenshots");
/** A picture is in a README that people read over a phone. */
const mostBytes = 2_000_000;

const views: readonly (BrowserContextOptions & { readonly suffix: string })[] = [
  { suffix: "", viewport: { width: 1240, height: 800 }, colorScheme: "light" },
  { suffix: "-dark", viewport: { width: 1240, height: 800 }, colorScheme: "dark" },
  {
    suffix: "-phone",
    viewport: { width: 390, height: 844 },
    colorScheme: "light",
    hasTouch: true,
    isMobile: true,
  },
];

const pages: readonly { readonly name: string; readonly at: string }[] = [
  { name: "rules", at: "rules" },
  { name: "rule", at: "rules/photos" },
  { name: "editor", at: "rules/invoices/edit" },
  { name: "review", at: "review" },
  { name: "activity", at: "activity" },
  { name: "connections", at: "connections" },
  { name: "settings", at: "settings" },
];

/** Lists, previews and differences come a moment after the page. */
const settledMs = 1_500;

async function take({ address }: House, page: Page, suffix: string): Promise<void> {
  for (const { name, at } of pages) {
    await page.goto(`${address}/#/${at}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await delay(settledMs);
    await page.screenshot({ path: join(folder, `${name}${suffix}.png`) });
  }
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
buildProgram();
const browser = await launchChromium();
const house = await openHouse();
try {
  const first = await browser.newContext({ locale: "en-GB" });
  await house.furnish(await first.newPage());
  const storageState = await first.storageState();
  for (const { suffix, ...view } of views) {
    const context = await browser.newContext({ locale: "en-GB", storageState, ...view });
    await take(house, await context.newPage(), suffix);
    await context.close();
  }
} finally {
  await browser.close();
  await house.close();
}
const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
console.log(`${readdirSync(folder).length} pictures, ${bytes} bytes, in ${folder}`);
if (bytes > mostBytes) throw new Error(`together they may have ${mostBytes} bytes`);
